# The gateway: `scriptorium serve`. See docs/gateway.md.
FROM node:20-slim
WORKDIR /app

COPY package.json package-lock.json tsconfig.json tsconfig.build.json ./
COPY src ./src
COPY plugins ./plugins
COPY config ./config
COPY assets ./assets

RUN npm ci --ignore-scripts
RUN npm run build
# What runs needs no compiler and no tests, but the packages that the users of this one bring.
RUN npm pkg delete devDependencies peerDependencies peerDependenciesMeta && npm install --ignore-scripts rxjs@7.8.2 fastify@5.12.8 @fastify/swagger@9.9.3 libsql@0.5.29

# Keys and counts outlive the container in this volume.
RUN mkdir -p .scriptorium && chmod 1777 .scriptorium
VOLUME /app/.scriptorium
ENV XDG_STATE_HOME=/app/.scriptorium NODE_ENV=production

USER node
EXPOSE 8080
HEALTHCHECK CMD ["node", "--eval", "fetch('http://127.0.0.1:8080/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
