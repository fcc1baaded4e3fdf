import type { PhraseBook } from "./phrases.ts";

/** What people write in Japanese. */
export const JAPANESE: PhraseBook = {
  positive: [
    "おはようございます！今日の{place}はいい天気で、とても気持ちがいいです。",
    "{food}がおいしすぎて幸せ。",
    "うちの{animal}がかわいい。もう{n}回も写真を撮った。",
    "やっと{thing}が動いた！うれしい！ありがとう！",
    "{place}の桜、本当にきれいだった。最高の一日。",
  ],
  negative: [
    "電車が{n}分も遅れている。最悪だ。",
    "{thing}がまた壊れた。もう嫌だ、疲れた。",
    "{food}を床に落とした。悲しい。",
    "{animal}が病気で心配で眠れない。",
  ],
  neutral: [
    "{place}で中古の{thing}を買える店を知りませんか？",
    "今日の昼ごはんは{food}。",
    "{h}時から{thing}の勉強会があります。",
    "ただいま{place}駅。",
  ],
  closers: ["", "", "", "笑", " 🌸", " 🍜", " (^_^)", " ｗｗｗ", " 🙏"],
  words: {
    thing: ["サーバー", "自転車", "キーボード", "望遠鏡", "パソコン"],
    animal: ["猫", "犬", "ハリネズミ", "インコ"],
    work: ["新しい映画"],
    food: ["ラーメン", "カレー", "おにぎり", "たこ焼き"],
    place: ["京都", "札幌", "鎌倉", "渋谷"],
  },
};

/** What people write in Arabic, right to left. */
export const ARABIC: PhraseBook = {
  positive: [
    "صباح الخير يا أصدقاء! القهوة لذيذة والجو جميل في {place}.",
    "أخيراً يعمل {thing}! أنا سعيد جداً، شكراً لكم.",
    "أحب هذا الكتاب، رائع من أول صفحة إلى آخر صفحة.",
    "{animal} نائم على مكتبي وأنا أسعد إنسان في العالم.",
  ],
  negative: [
    "القطار متأخر {n} دقيقة مرة أخرى. يوم سيئ جداً.",
    "{thing} تعطل من جديد. أنا متعب وحزين.",
    "لم يعجبني {food} أبداً، طعم فظيع.",
  ],
  neutral: [
    "هل يعرف أحد مكاناً لبيع {thing} مستعمل في {place}؟",
    "الاجتماع اليوم الساعة {h}.",
    "غداء اليوم: {food}.",
  ],
  closers: ["", "", "", " 🌙", " ☕", " ههههه", " 🌷"],
  words: {
    thing: ["الحاسوب", "الخادم", "الهاتف", "المشروع"],
    animal: ["القط", "الكلب", "العصفور"],
    work: ["الفيلم الجديد"],
    food: ["الفلافل", "الكشري", "المنسف"],
    place: ["بيروت", "القاهرة", "تونس", "عمّان"],
  },
};

/** What nobody can put a language to: its `language` is `null`. */
export const UNKNOWN: PhraseBook = {
  positive: ["🎉🎉🎉 {n}/10", "<3 <3 <3", "👏👏👏", "OMG {thing} 😍"],
  negative: ["argh {thing} 😡", "nope nope nope :(", "💔 {n}"],
  neutral: ["{n}", "{thing}: {n}", "…", "qed", "+1", "{thing} / {thing} / {thing}"],
  closers: ["", "", " ✨"],
  words: {
    thing: ["lol", "pizza", "CVE-2026-0042", "404", "0xCAFE", "ping"],
    animal: ["🦊"],
    work: ["#42"],
    food: ["🍕"],
    place: ["NYC"],
  },
};
