/** Short texts in many scripts and shapes; some with what makes a splice hard: refrains, tables, lists, one word again and again. */
export const TEXTS: Readonly<Record<string, string>> = {
  english:
    'The keeper climbed the stairs at dusk, as he had done for thirty years, and found the lamp already lit. "Who is there?" he called. Nobody answered. Down on the rocks, Mr. Hale had left his boat; it knocked against the jetty, twice, then twice again.\n\nIn the morning the lamp was cold. He wrote so in the book, signed his name, and went down to look for the man who had not come up. The tide had taken the boat, the rope and the oars.',
  french:
    "À l'aube, la vieille horlogère rangea ses outils : « Ce sera tout », dit-elle. Personne n'osa répondre… Où étaient passés les élèves ? Dans la cour, l'été s'achevait déjà ; les hirondelles, là-haut, cherchaient le sud.\n\nElle ferma la porte à clé, puis s'en alla. Le cœur léger, peut-être, ou bien très lourd : nul ne le sut jamais.",
  german:
    'Die Donaudampfschifffahrtsgesellschaft beschäftigte damals einen Kapitän, der Rechtsschutzversicherungsgesellschaften verabscheute. »Größer als Übermut«, sagte er, »ist nur die Geschwindigkeitsbegrenzung.« Dann schwieg er. Der Fluss trug das Schiff weiter, an Weinbergen und Dörfern vorbei, bis es Abend wurde.\n\nNiemand fragte ihn je nach der Kraftfahrzeughaftpflichtversicherung.',
  greek:
    'Το καράβι έφτασε στο λιμάνι πριν από την ανατολή. Ο γέρος ψαράς άφησε τα δίχτυα και κοίταξε τη θάλασσα· δεν φυσούσε καθόλου. «Θα βρέξει», είπε σιγά.\n\nΤο βράδυ έβρεξε πράγματι, και το νησί μύριζε χώμα και θυμάρι.',
  russian:
    'Утром пришло письмо. Анна Сергеевна долго держала его в руках, не решаясь вскрыть конверт. «Откуда оно?» — спросил мальчик. Она не ответила.\n\nЗа окном шёл снег; дворник мёл крыльцо, и метла его шуршала так же ровно, как часы на стене.',
  chinese:
    '清晨，老船長走到碼頭，看見霧裡有一盞燈。「誰在那裡？」他大聲問。沒有人回答。海水輕輕拍打著木樁，遠處傳來鐘聲。\n\n他等了很久，直到太陽升起來，霧慢慢散了，碼頭上只剩下一條空船和一封沒有寄出的信。信上只有一行字：請把燈點亮。\n他把信折好，放進口袋，轉身走回鎮上去找那個寫信的人。',
  japanese:
    '吾輩は灯台である。名前はまだ無い。どこで建てられたかとんと見当がつかぬ。\n　夜になると、船が遠くを通る。「今夜も静かだね」と風が言った。返事をする者はいなかった。\n\n　あくる朝、灯台守の娘が階段を上ってきて、ランプを磨き、窓を開け、海に向かってコーヒーを飲んだ。',
  thai: 'เช้าวันหนึ่งชาวประมงคนหนึ่งออกเรือไปไกลกว่าที่เคยไปเพราะปลาใกล้ฝั่งหมดไปนานแล้วเขาไม่ได้บอกใครและไม่มีใครถามเขาว่าจะกลับมาเมื่อไร ลมพัดเบาๆจากทิศใต้และทะเลก็นิ่งเหมือนกระจก',
  arabic:
    'في الصباح وصلت السفينة إلى الميناء القديم. نزل الربان وحده، ولم يكن في انتظاره أحد. قال في نفسه: لقد تغيّر كل شيء.\n\nثم مشى في الأزقّة الضيقة حتى بلغ بيته، فوجد الباب مفتوحًا والمصباح مضاءً.',
  hebrew:
    'בבוקר הגיעה הספינה אל הנמל הישן. רב החובל ירד לבדו, ואיש לא חיכה לו. „הכול השתנה”, אמר לעצמו.\n\nאחר כך הלך בסמטאות הצרות עד שהגיע לביתו, ומצא את הדלת פתוחה ואת המנורה דולקת.',
  emoji:
    'Our family 👨‍👩‍👧‍👦 went to 🇫🇷, then to 🇩🇪 and 🇬🇷! The scientist 👩🏽‍🔬 waved 👋🏿 at us. 🎉🎉🎉 "Is that a flag? 🏴‍☠️" asked the pirate 🧑‍🦰… Cafe\u0301 au lait ☕️ cost 3️⃣ coins. 👩‍❤️‍👩 and 🧑🏻‍🤝‍🧑🏿 danced till the 🌙 set over the 🏝️.',
  table:
    '| Harbour | Depth | Light |\n|---|---|---|\n| North | 4 m | yes |\n| South | 4 m | yes |\n| West | 4 m | no |\n| East | 4 m | yes |\n\n## What it means\n\n| Harbour | Depth | Light |\n|---|---|---|\n| North | 5 m | yes |\n| South | 5 m | no |\n',
  poem: 'O blow, ye winds, the keeper cried,\n  And bring the ship to me;\nThe lamp is lit, the door is wide,\n  And bring the ship to me.\n\nO blow, ye winds, his daughter sighed,\n  And bring the ship to me;\nThe moon is up, the harbour wide,\n  And bring the ship to me.\n\nO blow, ye winds, and none replied,\n  And bring the ship to me.',
  list: '1. Before you leave:\n   - **Boat**:\n     - oars\n     - rope\n     - lamp\n   - **House**:\n     - lamp\n     - rope\n2. On the way:\n   * Note: keep to the *left*.\n   * Note: keep to the *right* after the buoy.\n3. When you are back:\n   - **Boat**:\n     - oars\n     - rope\n',
  code: '```ts\nfor (const light of lights) {\n  if (light.isOn) {\n    count += 1;\n  }\n}\n\nfor (const lamp of lamps) {\n  if (lamp.isOn) {\n    count += 1;\n  }\n}\n```\n\nThe two loops do the same:\n\n```ts\nreturn count;\n```\n',
  script:
    'KEEPER:\nWho is there?\n\nVOICE:\nNobody.\n\nKEEPER:\nWho is there?\n\nVOICE:\nNobody, I said. Only the wind, the rope, and the boat.\n\nKEEPER:\nThen come in.\n',
  oneWord: 'knock '.repeat(60).trim(),
  oneLetter: 'a'.repeat(90),
  spaces:
    'Between   the words,\t\tall  kinds \u00a0of\u2003space:\r\n\r\nlines   with  \r\n   two ends, and\n\n\n\nmany\u3000breaks.   \n\n\nThen \t nothing more to say.  \n',
  tiny: 'Once upon.',
};

/** All places where a text may break off: after its first character, between any two, and at its end. Never inside one. */
export function cutsOf(text: string): readonly number[] {
  const cuts: number[] = [];
  for (const character of text) cuts.push((cuts.at(-1) ?? 0) + character.length);
  return cuts;
}
