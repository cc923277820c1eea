"""The accounts that these tests play with."""

from infra.local.simulator.world import Accounts

ACCOUNTS = Accounts(
    page="104500000000001",
    instagram="17840000000000001",
    phone="150000000000001",
    waba="WABA1",
    standard="acme-forum",
    app_id="263902",
    app_secret="app-secret",
    instagram_secret="instagram-secret",
    tokens={
        "104500000000001": "page-token",
        "17840000000000001": "instagram-token",
        "150000000000001": "phone-token",
    },
    standard_secret="whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3",
    standard_out_secret="whsec_NzY1NDMyMTBmZWRjYmE5ODc2NTQzMjEw",
)
