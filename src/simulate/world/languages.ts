/**
 * What people of many languages might write: sentences with a gap `{}` for what they write about, and things to write
 * about. Made up for this file; nobody's words. The gap has spaces around it where the script knows spaces.
 */

export interface Language {
  /** X's code for it. */
  readonly code: string;
  /** How often it is written, in parts of all. */
  readonly weight: number;
  readonly sentences: readonly string[];
  readonly nouns: readonly string[];
}

export const LANGUAGES: readonly Language[] = [
  {
    code: "en",
    weight: 36,
    sentences: [
      "Thinking about {} on the way home.",
      "Nobody told me {} would be this good",
      "A short thread about {} & what we learned",
      'My neighbour calls it "{}" and I cannot disagree',
      "First {} of the day, then everything else",
      "Does anybody else see {} everywhere this week?",
      "If {} < 3 minutes away, I walk. Otherwise: bus.",
      "Path of the day: C:\\notes\\{} … it's all there",
      "We spent the whole evening on {} and the kettle boiled dry",
      "{} again? Count me in!",
    ],
    nouns: ["bread", "the tram", "gardening", "old radios", "chess", "rain", "bicycles", "a good book"],
  },
  {
    code: "es",
    weight: 9,
    sentences: [
      "Hoy toca hablar de {} con calma.",
      "¿Alguien más piensa en {} a estas horas?",
      "Mi abuela decía que {} lo arregla todo",
      "Qué mañana: café, lluvia y {} ¡otra vez!",
      "Nunca pensé que {} fuera así",
    ],
    nouns: ["el mar", "la música", "el pan", "los trenes", "la niñez", "el otoño"],
  },
  {
    code: "pt",
    weight: 7,
    sentences: [
      "Ninguém me avisou que {} era tão bom",
      "Café, pão quente e {} para começar o dia",
      "Falando de {} com os vizinhos outra vez",
      "Amanhã não: hoje é dia de {} !",
    ],
    nouns: ["a praia", "o verão", "a estação", "futebol de botão", "a chuva"],
  },
  {
    code: "fr",
    weight: 5,
    sentences: [
      "Ce matin, {} et un café crème.",
      "On m'a dit que {} c'était « facile »…",
      "Où en est-on avec {} cette année ?",
      "Voilà, {} — c'est tout ce qu'il me fallait",
    ],
    nouns: ["le marché", "l'été", "la forêt", "les échecs", "le train de nuit"],
  },
  {
    code: "de",
    weight: 5,
    sentences: [
      "Heute geht es um {} und sonst nichts.",
      "Schöne Grüße aus dem Zug, Thema: {} !",
      "Wer hätte gedacht, dass {} so viel Spaß macht?",
      "Größer als gedacht: {} am frühen Morgen",
    ],
    nouns: ["Brötchen", "der Fahrradweg", "Äpfel", "das Wetter", "Straßenbahnen"],
  },
  {
    code: "tr",
    weight: 5,
    sentences: [
      "Bugün yine {} hakkında konuştuk.",
      "Çay hazır, {} de hazır, başlayalım",
      "Şimdi {} zamanı değilse ne zaman?",
      "İstanbul'da akşam, {} ve biraz rüzgâr",
    ],
    nouns: ["vapur", "güneş", "çiçekler", "ılık ekmek", "müzik"],
  },
  {
    code: "ar",
    weight: 4,
    sentences: [
      "نتحدث اليوم عن {} مع الأصدقاء",
      "لم أكن أعرف أن {} بهذا الجمال",
      "صباح الخير، قهوة و {} ثم العمل",
      "هل رأى أحدكم {} هذا الأسبوع؟",
    ],
    nouns: ["البحر", "الحديقة", "المطر", "القطار", "كتاب جديد"],
  },
  {
    code: "iw",
    weight: 1,
    sentences: ["הבוקר חשבתי על {} בדרך לעבודה", "מי עוד אוהב {} כמוני?", "שבוע שלם של {} ועוד קצת תה"],
    nouns: ["הים", "לחם טרי", "גשם", "רכבות"],
  },
  {
    code: "hi",
    weight: 3,
    sentences: ["आज सुबह {} के बारे में सोचा", "क्या किसी और को भी {} पसंद है?", "चाय के साथ {} और पुरानी बातें"],
    nouns: ["बारिश", "किताबें", "रेलगाड़ी", "बगीचा"],
  },
  {
    code: "bn",
    weight: 1,
    sentences: ["আজ সকালে {} নিয়ে কথা হলো", "চা আর {} ছাড়া দিন শুরু হয় না", "কেউ কি {} দেখেছেন?"],
    nouns: ["বৃষ্টি", "নদী", "বই", "আমের বাগান"],
  },
  {
    code: "th",
    weight: 2,
    sentences: ["วันนี้คุยกันเรื่อง {} ทั้งวัน", "ใครชอบ {} บ้าง", "กาแฟตอนเช้ากับ {} สบายใจมาก"],
    nouns: ["ฝนตก", "รถไฟ", "ดอกไม้", "ทะเล"],
  },
  {
    code: "ja",
    weight: 9,
    sentences: [
      "今朝は{}のことをずっと考えていた。",
      "{}って、やっぱりいいですね！",
      "駅まで歩きながら{}の話をした",
      "コーヒーを飲みながら{}、静かな朝",
      "誰か{}を見ましたか？",
    ],
    nouns: ["散歩", "雨の日", "古い時計", "パン屋", "電車"],
  },
  {
    code: "ko",
    weight: 4,
    sentences: ["오늘은 {} 이야기를 했어요", "아침 커피와 {} 그리고 산책", "혹시 {} 보신 분 있나요?"],
    nouns: ["비 오는 날", "기차", "꽃집", "바다"],
  },
  {
    code: "zh",
    weight: 3,
    sentences: ["今天早上一直在想{}的事情。", "有人也喜欢{}吗？", "下雨天，一杯茶，还有{}"],
    nouns: ["火车", "花园", "旧书", "面包"],
  },
  {
    code: "ru",
    weight: 3,
    sentences: ["Сегодня весь день про {} и чай", "Кто ещё любит {} по утрам?", "Вышел за хлебом, а тут {} !"],
    nouns: ["дождь", "трамвай", "книги", "осень", "ёлки"],
  },
  {
    code: "el",
    weight: 1,
    sentences: ["Σήμερα μιλήσαμε για {} στη βεράντα", "Καφές, ήλιος και {} το πρωί", "Ποιος άλλος σκέφτεται {} ;"],
    nouns: ["η θάλασσα", "το ψωμί", "η βροχή"],
  },
  {
    code: "vi",
    weight: 1,
    sentences: ["Sáng nay nghĩ về {} trên đường đi làm", "Có ai cũng thích {} không?", "Một tách cà phê và {} là đủ"],
    nouns: ["mưa phùn", "tàu hỏa", "sách cũ", "vườn hoa"],
  },
  {
    code: "it",
    weight: 1,
    sentences: ["Oggi si parla di {} al mercato", "Perché {} è sempre così bello?", "Caffè, sole e {} : basta così"],
    nouns: ["il mare", "la città", "il pane", "l'estate"],
  },
];

/** What people put behind a sentence: with variation selectors, joiners, flags, skin tones. */
export const EMOJI: readonly string[] = [
  "😀",
  "☕️",
  "❤️",
  "👍🏽",
  "👩‍💻",
  "👨‍👩‍👧‍👦",
  "🇫🇷",
  "🇯🇵",
  "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
  "🌧️",
  "✨",
  "🚲",
  "🧑🏿‍🌾",
  "1️⃣",
];

const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, "ja"],
  [/\p{Script=Hangul}/u, "ko"],
  [/\p{Script=Han}/u, "ja"],
  [/\p{Script=Cyrillic}/u, "ru"],
  [/\p{Script=Arabic}/u, "ar"],
  [/\p{Script=Hebrew}/u, "iw"],
  [/\p{Script=Devanagari}/u, "hi"],
  [/\p{Script=Bengali}/u, "bn"],
  [/\p{Script=Thai}/u, "th"],
  [/\p{Script=Greek}/u, "el"],
];

const BY_CODE: ReadonlyMap<string, Language> = new Map(LANGUAGES.map((language) => [language.code, language]));
const TOTAL_WEIGHT = LANGUAGES.reduce((sum, { weight }) => sum + weight, 0);

/** The language of a code; English sentences under that code where this file has none of its own. */
export function languageOf(code: string): Language {
  return BY_CODE.get(code === "he" ? "iw" : code) ?? { ...LANGUAGES[0]!, code };
}

/** A language in whose script the text is written; undefined when it says nothing. */
export function languageOfScript(text: string): Language | undefined {
  const code = SCRIPTS.find(([script]) => script.test(text))?.[1];
  return code === undefined ? undefined : BY_CODE.get(code);
}

/** A language by its weight, from a number of 0 to 1. */
export function languageAt(fraction: number): Language {
  let left = fraction * TOTAL_WEIGHT;
  return LANGUAGES.find(({ weight }) => (left -= weight) < 0) ?? LANGUAGES[0]!;
}
