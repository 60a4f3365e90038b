import { describeJournal, memoryJournal } from '../../../plugins/runs/testing/index.js';

describeJournal('memory', memoryJournal);
