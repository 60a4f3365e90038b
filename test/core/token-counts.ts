/** The kinds of text, and what tokenizers in use make of them: the least and the most of o200k, cl100k, Llama 2 and 3, Mistral 7B, Claude 2. */
export const TOKEN_COUNTS: readonly {
  readonly kind: string;
  readonly text: string;
  readonly least: number;
  readonly most: number;
}[] = [
  {
    kind: 'German',
    least: 105,
    most: 137,
    text: 'Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, fand er sich in seinem Bett zu einem ungeheueren Ungeziefer verwandelt. Er lag auf seinem panzerartig harten Rücken und sah, wenn er den Kopf ein wenig hob, seinen gewölbten, braunen, von bogenförmigen Versteifungen geteilten Bauch, auf dessen Höhe sich die Bettdecke, zum gänzlichen Niedergleiten bereit, kaum noch erhalten konnte.',
  },
  {
    kind: 'French',
    least: 74,
    most: 93,
    text: 'Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux se fermaient si vite que je n’avais pas le temps de me dire : « Je m’endors. » Et, une demi-heure après, la pensée qu’il était temps de chercher le sommeil m’éveillait.',
  },
  {
    kind: 'Finnish',
    least: 75,
    most: 106,
    text: 'Jukolan talo, eteläisessä Hämeessä, seisoo erään mäen pohjoisella rinteellä, liki Toukolan kylää. Sen läheisin ympäristö on kivinen tanner, mutta alempana alkaa pellot, joissa, ennenkuin talo oli häviöön mennyt, lainehti teräinen vilja.',
  },
  {
    kind: 'Vietnamese',
    least: 62,
    most: 128,
    text: 'Trăm năm trong cõi người ta, chữ tài chữ mệnh khéo là ghét nhau. Trải qua một cuộc bể dâu, những điều trông thấy mà đau đớn lòng. Lạ gì bỉ sắc tư phong, trời xanh quen thói má hồng đánh ghen.',
  },
  {
    kind: 'Russian',
    least: 79,
    most: 153,
    text: 'Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. Все смешалось в доме Облонских. Жена узнала, что муж был в связи с бывшею в их доме француженкою-гувернанткой, и объявила мужу, что не может жить с ним в одном доме.',
  },
  {
    kind: 'Greek',
    least: 66,
    most: 158,
    text: 'Άνδρα μοι έννεπε, Μούσα, πολύτροπον, ος μάλα πολλά πλάγχθη, επεί Τροίης ιερόν πτολίεθρον έπερσεν· πολλών δ’ ανθρώπων ίδεν άστεα και νόον έγνω.',
  },
  {
    kind: 'Arabic',
    least: 56,
    most: 162,
    text: 'كان يا ما كان في قديم الزمان وسالف العصر والأوان ملك من ملوك الساسان بجزائر الهند والصين صاحب جند وأعوان وخدم وحشم، وكان له ولدان أحدهما كبير والآخر صغير، وكانا فارسين بطلين.',
  },
  {
    kind: 'Hebrew',
    least: 40,
    most: 102,
    text: 'בראשית ברא אלהים את השמים ואת הארץ. והארץ היתה תהו ובהו וחשך על פני תהום ורוח אלהים מרחפת על פני המים.',
  },
  {
    kind: 'Hindi',
    least: 47,
    most: 170,
    text: 'एक समय की बात है, किसी गाँव में एक गरीब किसान रहता था। उसके पास थोड़ी सी ज़मीन थी, जिस पर वह दिन रात मेहनत करता था, फिर भी उसका गुज़ारा कठिनाई से होता था।',
  },
  {
    kind: 'Tamil',
    least: 43,
    most: 189,
    text: 'அகர முதல எழுத்தெல்லாம் ஆதி பகவன் முதற்றே உலகு. கற்றதனால் ஆய பயனென்கொல் வாலறிவன் நற்றாள் தொழாஅர் எனின்.',
  },
  {
    kind: 'Thai',
    least: 55,
    most: 204,
    text: 'กาลครั้งหนึ่งนานมาแล้ว มีชายชราคนหนึ่งอาศัยอยู่ในกระท่อมเล็ก ๆ ริมป่ากับภรรยาของเขา ทุกเช้าเขาจะออกไปหาฟืนเพื่อนำมาขายในตลาด',
  },
  {
    kind: 'Georgian',
    least: 39,
    most: 165,
    text: 'რომელმან შექმნა სამყარო ძალითა მით ძლიერითა, ზეგარდმო არსნი სულითა ყვნა ზეცით მონაბერითა.',
  },
  {
    kind: 'Chinese',
    least: 76,
    most: 112,
    text: '话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。及秦灭之后，楚、汉分争，又并入于汉。汉朝自高祖斩白蛇而起义，一统天下，后来光武中兴，传至献帝，遂分为三国。',
  },
  {
    kind: 'Japanese',
    least: 68,
    most: 109,
    text: '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。吾輩はここで始めて人間というものを見た。',
  },
  {
    kind: 'Korean',
    least: 60,
    most: 124,
    text: '옛날 어느 마을에 마음씨 착한 나무꾼이 홀어머니를 모시고 살았습니다. 나무꾼은 날마다 산에 올라가 나무를 해다 장에 내다 팔아 살림을 꾸려 나갔습니다.',
  },
  {
    kind: 'verse',
    least: 70,
    most: 87,
    text: "It is an ancient Mariner,\nAnd he stoppeth one of three.\n\"By thy long grey beard and glittering eye,\nNow wherefore stopp'st thou me?\n\nThe Bridegroom's doors are opened wide,\nAnd I am next of kin;\nThe guests are met, the feast is set:\nMay'st hear the merry din.\"\n",
  },
  {
    kind: 'table',
    least: 76,
    most: 117,
    text: '| Ship | Built | Tons | Crew |\n|---|---:|---:|---:|\n| Pequod | 1819 | 350 | 44 |\n| Rachel | 1826 | 412 | 39 |\n| Jeroboam | 1831 | 298.5 | 31 |\n| Samuel Enderby | 1790 | 301.25 | 40 |\n',
  },
  {
    kind: 'numbers',
    least: 90,
    most: 186,
    text: '3.14159265358979323846264338327950288419716939937510, 2.71828182845904523536028747135266249775724709369995; 1,048,576 / 65,536 = 16; 2026-11-27T15:04:05.123Z, +49 89 1234567, 192.168.178.21',
  },
  {
    kind: 'base64',
    least: 111,
    most: 137,
    text: 'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==Zm9vYmFyQmF6UXV4MTIzNDU2Nzg5MGFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6',
  },
  {
    kind: 'hex',
    least: 78,
    most: 117,
    text: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  },
  {
    kind: 'emoji',
    least: 52,
    most: 91,
    text: '🐳🌊⚓️ Call me Ishmael 🙂👍🏽 — the sea 🌊🌊, the whale 🐋, the ship 🚢… 👩‍👩‍👧‍👦 🏴‍☠️',
  },
  {
    kind: 'symbols',
    least: 75,
    most: 92,
    text: '∀x∈ℝ: ∃y (x < y ∧ y² ≥ 2x) ⇒ ∑_{i=1}^{n} i = n(n+1)/2; f: A → B, α ≠ β, ‖v‖ ≤ 1; {}[]()<>#$%^&*+=~`|\\/',
  },
  {
    kind: 'capitals',
    least: 55,
    most: 73,
    text: 'THE WHALE. BY HERMAN MELVILLE. ETYMOLOGY (SUPPLIED BY A LATE CONSUMPTIVE USHER TO A GRAMMAR SCHOOL). HONORABLE MENTION: QUEEQUEG, TASHTEGO, DAGGOO.',
  },
  {
    kind: 'names',
    least: 57,
    most: 78,
    text: 'Queequeg Tashtego Daggoo Ahab Starbuck Stubb Flask Pip Fedallah Bildad Peleg Elijah Mapple Nantucket Rokovoko Kokovoko Wolfgang Przybyszewski Krzysztof Szczebrzeszyn Llanfairpwllgwyngyll',
  },
  {
    kind: 'spaces',
    least: 31,
    most: 46,
    text: 'def f(x):\n        if x:\n                return {\n                        "a": 1,\n\t\t\t\t"b":   2,   \n                }\n\n\n\n    \n',
  },
];

/** The first 60,000 characters of `assets/moby-dick.txt`, counted likewise. */
export const MOBY_DICK = { least: 13985, most: 16073 } as const;
