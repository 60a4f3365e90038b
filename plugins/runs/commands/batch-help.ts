/** The help of `scriptorium batch`, for terminals of 80 columns. */
export const batchHelp = (name: string): string => `Usage: scriptorium ${name} <command> [options]

Writes many texts as a durable run: it survives the end of its process, and goes
on where it was. Runs are kept in plugins.runs.journal (default:
sqlite:.scriptorium/runs.db).

Commands:
  run IN.jsonl -o OUT.jsonl   write the requests of a batch file (.gz, too); the
                              same file again goes on with the same run
  status [RUN]                show a run and its items, or all runs
  resume RUN                  go on with a run; parked and failed items, too
  pause RUN                   start no further item of a run
  cancel RUN [ITEM]           end a run, or one item and those that wait for it
  list                        show all runs
  prune --older-than 30d      remove runs that ended longer ago
  migrate                     prepare a journal on PostgreSQL and the queue of
                              workers, or bring them to this program's version
  requeue [RUN]               let the workers know of all runs, after the queue
                              was lost; they do so themselves at their start
  export RUN -o FILE          write the answers so far once more
  export RUN --journal        print the whole run, for another journal
  import [FILE]               add such a run, from a file or standard input

${OPTIONS}`;

const OPTIONS = `Options of "run" and "resume":
  -o, --output <path>   the file of the answers; until all items have ended,
                        those so far are in <path>.partial
  --name <name>         the name of the run (default: that of the file)
  --concurrency <n>     most items at once (default: plugins.runs.concurrency)
  --budget <dollars>    most that the run may cost; 0: no limit (default)
  -l, --label <k=v>     label for the statistics; may be repeated
  --wait                wait where all items are parked, and go on
  --order <order>       of the answers: input (default) or completion
  --force               replace an output of another run

  --engine <engine>     local (default): work here; bullmq: leave the work to
                        "scriptorium worker" on any machines, and watch it
  --detach              with bullmq: return at once
  --interactive         with bullmq: before all other runs ("run" only)

Options of "status" and "list":
  -w, --watch           follow the changes, until a signal or the run's end
  --json                one JSON object a run; with --watch a line a change

Options of "export":
  -o, --order, --force  as above
  --texts <folder>      write each text into a file of its own as well

  -c, --config <path>   configuration file
  -h, --help            show this

Exit codes: 0 all items are done, 1 some have failed, 2 wrong usage, 3 the run
is parked or paused, 130 and 143 stopped by a signal; it can be resumed.
`;
