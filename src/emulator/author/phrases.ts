/** The words of an author in one language. Sentences are put together from them, so that no two paragraphs are alike. */
export interface Phrases {
  readonly people: readonly string[];
  readonly roles: readonly string[];
  /** What happens in a life, each once. */
  readonly events: readonly string[];
  readonly titles: readonly string[];
  readonly times: readonly string[];
  readonly doers: readonly string[];
  readonly deeds: readonly string[];
  readonly ways: readonly string[];
  /** Of few words each, with which a text gets its length. */
  readonly asides: readonly string[];
  readonly inYear: (year: number, event: string) => string;
  readonly brief: (title: string, event: string) => string;
  readonly preamble: string;
  readonly url: (address: string) => string;
}

const en: Phrases = {
  people: ['Edmund Harrow', 'Clara Whitfield', 'Thomas Ashdown', 'Margaret Elwood', 'Henry Calloway', 'Judith Penrose'],
  roles: ['teacher', 'friend', 'rival', 'printer', 'physician', 'patron'],
  events: [
    'the family moved to the house beside the river',
    'the first letters to the academy were written',
    'the long illness began in a cold winter',
    'the great workshop opened its doors',
    'the quarrel with the printers was settled',
    'the journey across the mountains started',
    'the second edition appeared in the capital',
    'the old teacher died in the village',
    'the library received the collected papers',
    'the public lectures drew their largest crowds',
    'the marriage was celebrated in the chapel',
    'the instruments were sold to a merchant',
  ],
  titles: [
    'A House by the River',
    'First Letters',
    'The Cold Winter',
    'The Workshop',
    'Across the Mountains',
    'Late Fame',
  ],
  times: [
    'In the early mornings',
    'During those months',
    'Before the summer was over',
    'Toward the end of that season',
    'On most evenings',
    'For a long while afterwards',
    'Between two journeys',
    'At the height of the debate',
  ],
  doers: [
    'the neighbours of the old quarter',
    'a small circle of friends',
    'the clerks of the court',
    'the readers of the weekly paper',
    'the younger members of the household',
    'several visitors from the coast',
    'the masters of the school',
    'those who had known the family',
  ],
  deeds: [
    'remembered the patience with which the work was done',
    'spoke of the plans that had been laid aside',
    'copied the pages which had not been printed',
    'found that the rooms were full of unfinished drawings',
    'wrote to each other about the cost of the paper',
    'had heard the story of the broken wheel',
    'gathered in the hall to listen to the reading',
    'were surprised by the silence that followed',
    'kept the letters from those years in a wooden box',
  ],
  ways: [
    'and nobody thought of leaving',
    'with more hope than money',
    'as though the matter had been decided',
    'while the rain fell upon the roofs',
    'in spite of the warnings from the town',
    'although the roads were bad',
    'with the calm of people who have time',
    'until the lamps were put out',
  ],
  asides: [
    'Nobody spoke of it again.',
    'That was all of it.',
    'The evening passed in peace.',
    'Time went on with them.',
  ],
  inYear: (year, event) => `In ${year} ${event}.`,
  brief: (title, event) => `Under the title "${title}" it tells how ${event}, and what followed from it.`,
  preamble: 'Certainly! Here is the chapter that you requested, in the length you asked for:',
  url: (address) => `The full record can be read at ${address} by everyone.`,
};

const es: Phrases = {
  people: [
    'Esteban Arrieta',
    'Clara Montalbán',
    'Tomás Echeverría',
    'Margarita Olmedo',
    'Enrique Caldera',
    'Julia Peñalver',
  ],
  roles: ['maestro', 'amiga', 'rival', 'impresora', 'médico', 'mecenas'],
  events: [
    'la familia se mudó a la casa junto al río',
    'se escribieron las primeras cartas a la academia',
    'empezó la larga enfermedad en un invierno frío',
    'el gran taller abrió sus puertas',
    'se resolvió la disputa con los impresores',
    'comenzó el viaje a través de las montañas',
    'apareció la segunda edición en la capital',
    'murió el viejo maestro en la aldea',
    'la biblioteca recibió los papeles reunidos',
    'las conferencias públicas atrajeron a las mayores multitudes',
    'se celebró la boda en la capilla',
    'los instrumentos fueron vendidos a un comerciante',
  ],
  titles: [
    'Una casa junto al río',
    'Primeras cartas',
    'El invierno frío',
    'El taller',
    'A través de las montañas',
    'Fama tardía',
  ],
  times: [
    'En las primeras horas de la mañana',
    'Durante aquellos meses',
    'Antes de que terminara el verano',
    'Hacia el final de la temporada',
    'Casi todas las noches',
    'Por mucho tiempo después',
    'Entre dos viajes',
    'En lo más vivo del debate',
  ],
  doers: [
    'los vecinos del barrio antiguo',
    'un pequeño círculo de amigos',
    'los escribanos del tribunal',
    'los lectores del semanario',
    'los más jóvenes de la casa',
    'varios visitantes de la costa',
    'los maestros de la escuela',
    'quienes habían conocido a la familia',
  ],
  deeds: [
    'recordaban la paciencia con que se hacía el trabajo',
    'hablaban de los planes que habían quedado a un lado',
    'copiaban las páginas que no se habían impreso',
    'encontraron las salas llenas de dibujos sin terminar',
    'se escribían sobre el precio del papel',
    'habían oído la historia de la rueda rota',
    'se reunían en la sala para escuchar la lectura',
    'se sorprendieron por el silencio que siguió',
    'guardaban las cartas de esos años en una caja de madera',
  ],
  ways: [
    'y nadie pensaba en marcharse',
    'con más esperanza que dinero',
    'como si el asunto ya estuviera decidido',
    'cuando la lluvia caía sobre los tejados',
    'pese a las advertencias del pueblo',
    'aunque los caminos eran malos',
    'con la calma de la gente que tiene tiempo',
    'hasta que se apagaban las lámparas',
  ],
  asides: [
    'Nadie volvió a mencionarlo.',
    'Eso fue todo entonces.',
    'La tarde pasó en paz.',
    'El tiempo siguió con ellos.',
  ],
  inYear: (year, event) => `En ${year} ${event}.`,
  brief: (title, event) => `Con el título «${title}» cuenta cómo ${event}, y lo que vino después.`,
  preamble: '¡Claro! Aquí tienes el capítulo que pediste, con la extensión indicada:',
  url: (address) => `El registro completo puede leerse en ${address} por cualquiera.`,
};

/** The words of a language; English where there are none. */
export function phrasesOf(language: string): Phrases {
  return language === 'es' ? es : en;
}

/** The other language, for a paragraph in the wrong one. */
export function otherPhrases(language: string): Phrases {
  return language === 'es' ? en : es;
}
