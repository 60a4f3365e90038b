import { describe, expect, it } from '@jest/globals';
import { sectionsOf } from 'scriptorium/plugins/book';
import { lengthsCsv, readLengths } from '../../../plugins/book/layout/lengths-csv.js';
import { pythonRounded } from '../../../plugins/book/layout/python-number.js';
import { folderName } from '../../../plugins/book/spec/folder-name.js';
import { SECTION_KINDS } from '../../../plugins/book/spec/sections.js';

describe("BookGen's layout", () => {
  it.each([
    ['José Martí', 'josé_martí'],
    ['  Ada   King, Countess of Lovelace ', 'ada_king_countess_of_lovelace'],
    ["Sor Juana (1648–1695): 'la Décima Musa'", 'sor_juana_16481695_la_décima_musa'],
    ['Ibn Rushd / Averroes', 'ibn_rushd_averroes'],
    ['李 白', '李_白'],
    ['José Martí', 'josé_martí'],
  ])('names the folder of %p', (subject, name) => {
    expect(folderName(subject)).toBe(name);
  });

  it('has its lengths by default', () => {
    const rows = sectionsOf({ chapters: 20, words: 51_000, sections: SECTION_KINDS }).map((section) => ({
      ...section,
      words: section.targetWords,
    }));
    const lines = lengthsCsv(rows).split('\n');
    expect(lines.filter((line) => !line.startsWith('capitulo-'))).toEqual([
      'seccion,longitud_esperada,longitud_real,porcentaje',
      'prologo,1800,1800,100.0',
      'introduccion,2400,2400,100.0',
      'cronologia,1200,1200,100.0',
      'epilogo,2000,2000,100.0',
      'glosario,800,800,100.0',
      'dramatis-personae,800,800,100.0',
      'fuentes,800,800,100.0',
      '',
    ]);
    expect(lines.filter((line) => line.startsWith('capitulo-'))).toHaveLength(20);
    expect(readLengths(lines.join('\r\n')).map(({ targetWords }) => targetWords)).toEqual(
      rows.map(({ targetWords }) => targetWords),
    );
  });

  it.each([
    [109.6078, '109.61'],
    [136, '136.0'],
    [62.125, '62.12'],
    [62.375, '62.38'],
    [0, '0.0'],
    [99.5, '99.5'],
    [2.675, '2.67'],
  ])('prints %p as Python does', (value, text) => {
    expect(pythonRounded(value)).toBe(text);
  });
});
