import { activityInfo, cancellationSignal, heartbeat } from '@temporalio/activity';

/** Activities that write with a pipeline. A try goes on from the text that the one before has reported. */
export function chapterActivities(pipeline) {
  return {
    async writeChapter(input) {
      let { text = '' } = activityInfo().heartbeatDetails ?? {};
      const signal = cancellationSignal();
      for await (const event of pipeline.iterate({ ...input, continueFrom: text, signal })) {
        if (event.type === 'restart') text = '';
        else if (event.type === 'text-delta') text += event.delta;
        else continue;
        heartbeat({ text });
      }
      return text;
    },
  };
}
