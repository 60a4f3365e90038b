// The job of a client program: it asks for each prompt, and prints each outcome as a line of JSON.
const { baseUrl, model, isStream, prompts } = JSON.parse(process.env.JOB ?? '');

/**
 * Runs the job.
 * @param write asks for one text: ({ model, system, prompt, isStream }) => the text. It rejects if the client sees a failure.
 */
export async function runJob(write) {
  await Promise.all(
    prompts.map(async (prompt) => {
      const outcome = await write({ model, system: 'You write biographies.', prompt, isStream }).then(
        (text) => ({ text }),
        (error) => ({ error: String(error?.message ?? error).slice(0, 300) }),
      );
      process.stdout.write(`${JSON.stringify({ prompt, ...outcome })}\n`);
    }),
  );
}

export { baseUrl };
