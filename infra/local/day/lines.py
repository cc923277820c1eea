"""The words of the day: what customers ask and what agents answer.

In several scripts, so that every byte of the way is tried.
"""

ASKS = (
    (
        "Where is my order? It should have been here on Tuesday.",
        "It is at your post office since this morning.",
    ),
    ("Größe 42 - kommt die wieder?", "Ja, am Freitag kommt Nachschub."),
    (
        "The app logs me out every five minutes \U0001f62e",
        "Sorry about that. Version 4.2 of today mends it.",
    ),
    ("¿Puedo cambiar la dirección de entrega?", "Claro, ya está cambiada."),
    ("I was charged twice for one order!", "You are right. The second charge goes back today."),
    ("Is the blue one still <in stock> at 50% off?", "Yes, eleven are left at that price."),
    ("返品したいのですが、どうすればいいですか?", "返品ラベルをメールでお送りしました。"),
    ("My parcel arrived open / damaged. Photo follows", "A new one leaves our warehouse today."),
    ("Quand ouvre le magasin de Lyon ?", "Demain à neuf heures."),
    ("You can mail me at kim.example, I check it daily", "Done, have a look at your inbox."),
    ("Can I pay by invoice?", "Yes, choose it in the last step."),
    ("Does it come with a charger?", "It does, with a two metre cable."),
)

EXPOSED = (
    (
        "Call me please: 0151 23456789, my parcel is lost.",
        "We have called you. It arrives tomorrow.",
    ),
)
"""What nobody should write where all can read it."""

FIRST = (
    "Ana Ben Chloé Dimitri Esra Fynn Grace Hiro Inês Jamal Kim Lars Mei Noor Oskar "
    "Priya Quinn Rosa Søren Tomáš Uma Viktor Wanda Xin Yusuf Zoë"
).split()
LAST = "Müller Okafor García Nguyen Rossi Kowalska O'Neill Sato Haddad Berg Silva".split()
