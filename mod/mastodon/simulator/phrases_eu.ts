import type { PhraseBook } from "./phrases.ts";

/** What people write in German. */
export const GERMAN: PhraseBook = {
  positive: [
    "Guten Morgen! Der {thing} läuft, die Sonne scheint, das Leben ist schön.",
    "Endlich Feierabend. Jetzt {food} und ein gutes Buch, herrlich.",
    "Der {animal} hat heute zum ersten Mal aus der Hand gefressen. Ich bin so glücklich!",
    "Großartiger Vortrag über {thing} in {place}, danke an alle, die das möglich machen.",
    "Meine Tochter hat {n} Punkte in Mathe geschafft. Ich platze vor Stolz!",
    "Das Konzert in {place} war wunderbar, ich habe immer noch Gänsehaut.",
    "Der neue {thing} funktioniert auf Anhieb. Liebe es, einfach klasse.",
  ],
  negative: [
    "Der Zug nach {place} fällt schon wieder aus. {n} Minuten umsonst gefroren, ich hasse das.",
    "Mein {animal} ist krank und ich mache mir große Sorgen.",
    "Schon wieder {n} Mails zum {thing}, und keiner weiß Bescheid. Furchtbar.",
    "Die {food} im Zug war ungenießbar und teuer. Schlimmster Tag der Woche.",
    "Mieterhöhung bekommen. Ich bin müde, wütend und ratlos.",
    "Der {thing} ist kaputt, die Werkstatt hat zu, und es regnet. Mir reicht's.",
  ],
  neutral: [
    "Weiß jemand, wo man in {place} einen gebrauchten {thing} bekommt?",
    "Heute Abend um {h} Uhr Treffen zum Thema {thing}, Raum 2.",
    "Zum Mittag gibt es {food}.",
    "Straßensperrung in {place} bis Freitag, bitte Linie {n} nehmen.",
    "Lesetipp: ein Artikel über {thing} und Straßenbahnen.",
  ],
  closers: ["", "", "", " ☕", " 🥨", " 🚲", " *seufz*"],
  words: {
    thing: ["Rechner", "Drucker", "Kaffeevollautomat", "Fahrradkeller", "Server", "Bahnhof"],
    animal: ["Igel", "Kater", "Dackel", "Waschbär", "Spatz"],
    work: ["der neue Tatort", "„Die Verwandlung“", "das Hörbuch"],
    food: ["Käsespätzle", "Linsensuppe", "Franzbrötchen", "Currywurst"],
    place: ["Köln", "Görlitz", "Zürich", "Wien", "Tübingen", "Berlin"],
  },
};

/** What people write in Spanish. */
export const SPANISH: PhraseBook = {
  positive: [
    "¡Qué alegría! Por fin funciona el {thing}, gracias a todas y a todos.",
    "Paseo precioso por {place} y luego {food}. Un día perfecto.",
    "Mi {animal} duerme encima del teclado y yo soy feliz.",
    "Me encanta {work}, una maravilla de principio a fin.",
    "¡Aprobé el examen con un {n}! Estoy contentísima.",
  ],
  negative: [
    "El autobús de {place} llega tarde otra vez, {n} minutos bajo la lluvia. Qué asco.",
    "Odio este {thing}: lento, caro y siempre roto.",
    "Triste y cansada. Hoy ha sido un día horrible.",
    "La {food} estaba fría y el servicio fue pésimo. Muy decepcionado.",
  ],
  neutral: [
    "¿Alguien conoce un buen {thing} de segunda mano en {place}?",
    "Hoy a las {h}: charla sobre {work} en la biblioteca.",
    "De comer hay {food}. De cenar, también.",
    "Obras en {place} hasta el jueves.",
  ],
  closers: ["", "", "", " 🌞", " jajaja", " ¡olé!", " 💃"],
  words: {
    thing: ["ordenador", "servidor", "teclado", "huerto", "tren", "móvil"],
    animal: ["gato", "perro", "loro", "erizo"],
    work: ["“Cien años de soledad”", "la nueva serie", "este disco"],
    food: ["tortilla", "paella", "sopa de ajo", "empanada"],
    place: ["Valencia", "Bogotá", "Oaxaca", "Gijón", "Córdoba"],
  },
};

/** What people write in French. */
export const FRENCH: PhraseBook = {
  positive: [
    "Quel bonheur : le {thing} est réparé et le café est bon !",
    "Magnifique balade à {place} ce matin, lumière superbe.",
    "Mon {animal} a appris à ouvrir les portes. Je suis fière et un peu inquiète.",
    "J'ai adoré {work}, c'est drôle, tendre et brillant.",
    "Merci à tout le monde pour les {n} messages, vous êtes formidables !",
  ],
  negative: [
    "Encore {n} minutes de retard à {place}. J'en ai marre, c'est insupportable.",
    "Ce {thing} est nul : cher, lent et déjà cassé.",
    "Journée affreuse. J'ai perdu mes clés et il pleut.",
    "{work} ? Quelle déception. Long et ennuyeux.",
  ],
  neutral: [
    "Quelqu'un connaît un bon {thing} d'occasion à {place} ?",
    "Réunion à {h} h au sujet du {thing}.",
    "Au menu ce midi : {food}.",
    "Travaux à {place} jusqu'à mardi.",
  ],
  closers: ["", "", "", " 🥐", " 😅", " ^^", " (oui, vraiment)"],
  words: {
    thing: ["serveur", "vélo", "clavier", "logiciel", "potager", "train"],
    animal: ["chat", "hérisson", "chien", "pigeon"],
    work: ["« Le Petit Prince »", "le dernier album", "cette série"],
    food: ["ratatouille", "crêpes", "soupe à l'oignon", "quiche"],
    place: ["Lyon", "Montréal", "Brest", "Dakar", "Besançon"],
  },
};
