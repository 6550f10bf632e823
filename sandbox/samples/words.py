"""Words from which sample firms, people, projects and items are made, one set per country."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A town with a postal code and its region."""

    postal_code: str
    city: str
    region: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemWords:
    """One article of the register: code, name, kind, price, VAT rank (0 is the high rate)."""

    code: str
    name: str
    kind: str
    price: int
    rank: int
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that gives a country its sound."""

    code: str
    suffixes: tuple[str, ...]
    roots: tuple[str, ...]
    lines: tuple[str, ...]
    streets: tuple[str, ...]
    towns: tuple[Town, ...]
    men: tuple[str, ...]
    women: tuple[str, ...]
    families: tuple[str, ...]
    domain: str
    phone: str


def _towns(text: str) -> tuple[Town, ...]:
    rows = (row.split("|") for row in text.split("\n") if row.strip())
    return tuple(Town(postal_code=a.strip(), city=b, region=c) for a, b, c in rows)


def _list(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("\n", ",").split(",") if word.strip())


NORWAY = Words(
    code="NO",
    suffixes=("AS",),
    roots=_list(
        """Fjellheim, Nordlys, Havgløtt, Bjørkelund, Strandvik, Kystvakt, Solbakken, Granli,
        Vestbris, Lerkevang, Tindeby, Sjøbris, Furuholt, Elvestad, Skogmo, Brattland, Fagerli,
        Kvernstad, Morgenrød, Isfjell, Lyngmark, Myrvang, Nesodd, Ospelia, Rabben, Seljeås,
        Tverrdal, Ulvøya, Varde, Østlia, Åsmund, Blåfjell, Dalstrøm, Eikanger, Fossmo"""
    ),
    lines=_list(
        """Elektro, Bygg, Eiendom, Regnskap, Arkitekter, Logistikk, Seafood, Energi, Reklame,
        Data, Maskin, Landskap, Interiør, Entreprenør, Helse, Trelast, Shipping, Hotell, Media,
        Konsult, Renhold, Transport, Rør, Design, Kjøkken, Havbruk, Sikkerhet, Teknikk, Trykk,
        Verft, Ventilasjon, Invest, Forlag, Catering, Rekruttering"""
    ),
    streets=_list(
        """Storgata, Kirkegata, Strandgaten, Parkveien, Industriveien, Havnegata, Skippergata,
        Jernbanegata, Dronningens gate, Fjordveien, Bryggeveien, Torggata"""
    ),
    towns=_towns(
        """0152|Oslo|Oslo
        5003|Bergen|Vestland
        7011|Trondheim|Trøndelag
        4006|Stavanger|Rogaland
        9008|Tromsø|Troms
        3015|Drammen|Buskerud
        4612|Kristiansand|Agder
        6003|Ålesund|Møre og Romsdal
        8006|Bodø|Nordland
        2317|Hamar|Innlandet"""
    ),
    men=_list("Magnus, Henrik, Lars, Eirik, Kristian, Jonas, Sindre, Håkon, Anders, Ola, Terje"),
    women=_list("Ingrid, Kari, Marit, Silje, Astrid, Hanne, Solveig, Camilla, Ida, Tone, Randi"),
    families=_list(
        """Haugland, Bakken, Solheim, Dahl, Strand, Nygård, Moen, Lie, Myhre, Eide, Berge,
        Sørensen, Hagen, Lund, Aasen, Tangen, Brekke, Viken, Nilsen, Aune"""
    ),
    domain="no",
    phone="+47",
)

SWEDEN = Words(
    code="SE",
    suffixes=("AB",),
    roots=_list(
        """Björkdal, Norrsken, Havsvik, Lindåker, Strömsund, Ekbacka, Solgläntan, Granliden,
        Västanvind, Lärkudden, Fjällbo, Sjöstrand, Furuvik, Älvnäs, Skogshem, Brantberg,
        Fagervik, Kvarnbo, Morgonljus, Isbacken, Ljunghed, Mossebo, Näsby, Aspliden, Renmark,
        Säterdal, Tallmo, Uvberga, Vråken, Östergläntan, Åkerbo, Blåklint, Dalfors, Forsmo"""
    ),
    lines=_list(
        """Elektriska, Bygg, Fastigheter, Redovisning, Arkitekter, Logistik, Livs, Energi, Reklam,
        Data, Maskin, Trädgård, Inredning, Entreprenad, Vård, Trävaror, Rederi, Hotell, Media,
        Konsult, Städ, Åkeri, Rör, Design, Kök, Säkerhet, Teknik, Tryckeri, Varv, Ventilation,
        Invest, Förlag, Catering, Rekrytering"""
    ),
    streets=_list(
        """Storgatan, Kyrkogatan, Strandvägen, Parkvägen, Industrigatan, Hamngatan, Järnvägsgatan,
        Drottninggatan, Sjövägen, Bryggargatan, Torggatan, Kungsgatan"""
    ),
    towns=_towns(
        """111 20|Stockholm|Stockholms län
        411 05|Göteborg|Västra Götalands län
        211 19|Malmö|Skåne län
        753 20|Uppsala|Uppsala län
        582 23|Linköping|Östergötlands län
        702 10|Örebro|Örebro län
        903 26|Umeå|Västerbottens län
        652 24|Karlstad|Värmlands län
        352 30|Växjö|Kronobergs län"""
    ),
    men=_list("Erik, Johan, Anders, Lars, Oskar, Viktor, Gustav, Nils, Fredrik, Mattias, Emil"),
    women=_list("Anna, Karin, Elin, Sofia, Maja, Linnea, Ebba, Kerstin, Malin, Frida, Josefin"),
    families=_list(
        """Lindqvist, Berglund, Sandberg, Nyström, Hellgren, Åström, Wikström, Ekdahl, Forsberg,
        Sjögren, Norén, Hedlund, Blomqvist, Lundin, Engström, Dahlin, Öberg, Palm"""
    ),
    domain="se",
    phone="+46",
)

FINLAND = Words(
    code="FI",
    suffixes=("Oy",),
    roots=_list(
        """Koivuranta, Revontuli, Merituuli, Kuusela, Virtala, Tammipelto, Aurinkola, Mäntykangas,
        Länsituuli, Kiurula, Tunturila, Järvenpohja, Honkalinna, Jokiniemi, Metsäkoto, Kalliopää,
        Kaunisranta, Myllymäki, Aamunkoi, Jääkallio, Kanervala, Sammalsuo, Niemelänranta,
        Haapakoski, Lepola, Suvanto, Tervala, Ulapanranta, Vuorenmaa, Itäharju, Pihlajisto"""
    ),
    lines=_list(
        """Sähkö, Rakennus, Kiinteistöt, Tilitoimisto, Arkkitehdit, Logistiikka, Elintarvike,
        Energia, Mainos, Data, Kone, Puutarha, Sisustus, Urakointi, Hoiva, Puutavara, Varustamo,
        Hotelli, Media, Konsultointi, Siivous, Kuljetus, Putki, Muotoilu, Keittiöt, Turva,
        Tekniikka, Paino, Telakka, Ilmastointi, Sijoitus, Kustannus, Pitopalvelu"""
    ),
    streets=_list(
        """Kauppakatu, Kirkkokatu, Rantatie, Puistotie, Teollisuuskatu, Satamakatu, Asemakatu,
        Kuninkaankatu, Järvitie, Torikatu, Koulukatu, Hämeenkatu"""
    ),
    towns=_towns(
        """00100|Helsinki|Uusimaa
        33100|Tampere|Pirkanmaa
        20100|Turku|Varsinais-Suomi
        90100|Oulu|Pohjois-Pohjanmaa
        40100|Jyväskylä|Keski-Suomi
        70100|Kuopio|Pohjois-Savo
        15110|Lahti|Päijät-Häme
        65100|Vaasa|Pohjanmaa"""
    ),
    men=_list("Mikko, Juha, Antti, Ville, Jari, Timo, Petri, Lauri, Eero, Aleksi, Tuomas"),
    women=_list("Anna, Liisa, Sanna, Päivi, Kaisa, Riikka, Outi, Heidi, Elina, Tuuli, Noora"),
    families=_list(
        """Korhonen, Virtanen, Mäkelä, Nieminen, Laine, Heikkinen, Koskinen, Järvinen, Lehtonen,
        Saarinen, Salonen, Niemi, Kallio, Rantala, Hakala, Leppänen, Ojala, Tuominen"""
    ),
    domain="fi",
    phone="+358",
)

WORDS = {words.code: words for words in (NORWAY, SWEDEN, FINLAND)}


def _items(text: str) -> tuple[ItemWords, ...]:
    rows = ([cell.strip() for cell in row.split("|")] for row in text.split("\n") if row.strip())
    return tuple(
        ItemWords(code=code, name=name, kind=kind, price=int(price), rank=int(rank), unit=unit)
        for code, name, kind, price, rank, unit in rows
    )


ITEMS = {
    "NO": _items(
        """RADGIV   | Rådgivning, fast pris      | ServiceItem  | 12400 | 0 | stk
        KURS/DAG | Kurs hos kunden, per dag   | ServiceItem  | 9800  | 0 | dag
        LISENS   | Programvarelisens          | NonStockItem | 2400  | 0 | stk
        SERVER   | Møteservering              | NonStockItem | 240   | 1 | stk
        RAPPORT  | Trykt rapport              | NonStockItem | 480   | 0 | stk
        KANTINE  | Lunsj for deltakere        | NonStockItem | 160   | 1 | stk
        DRIFT    | Driftsavtale, per måned    | ServiceItem  | 3600  | 0 | stk
        MATERIAL | Materialer                 | NonStockItem | 320   | 0 | stk
        KONSULT  | Konsulenttimer             | LaborItem    | 1240  | 0 | timer
        PROSJEKT | Prosjektledelse            | LaborItem    | 1480  | 0 | timer
        UTVIKL   | Utvikling                  | LaborItem    | 1360  | 0 | timer
        SUPPORT  | Brukerstøtte               | LaborItem    | 920   | 0 | timer
        KJORING  | Kjøring med egen bil       | ExpenseItem  | 8     | 0 | km
        DIETT    | Diett                      | ExpenseItem  | 800   | 0 | dag
        BILLETT  | Reisebilletter             | ExpenseItem  | 1200  | 2 | stk"""
    ),
    "SE": _items(
        """RADGIV   | Rådgivning, fast pris      | ServiceItem  | 12400 | 0 | st
        KURS/DAG | Kurs hos kunden, per dag   | ServiceItem  | 9800  | 0 | dag
        LICENS   | Programvarulicens          | NonStockItem | 2400  | 0 | st
        SERVER   | Mötesförtäring             | NonStockItem | 240   | 1 | st
        RAPPORT  | Tryckt rapport             | NonStockItem | 480   | 0 | st
        LUNCH    | Lunch för deltagare        | NonStockItem | 160   | 1 | st
        DRIFT    | Driftavtal, per månad      | ServiceItem  | 3600  | 0 | st
        MATERIAL | Material                   | NonStockItem | 320   | 0 | st
        KONSULT  | Konsulttimmar              | LaborItem    | 1240  | 0 | tim
        PROJEKT  | Projektledning             | LaborItem    | 1480  | 0 | tim
        UTVECKL  | Utveckling                 | LaborItem    | 1360  | 0 | tim
        SUPPORT  | Användarstöd               | LaborItem    | 920   | 0 | tim
        MIL      | Bilersättning              | ExpenseItem  | 8     | 0 | km
        TRAKT    | Traktamente                | ExpenseItem  | 800   | 0 | dag
        BILJETT  | Resebiljetter              | ExpenseItem  | 1200  | 2 | st"""
    ),
    "FI": _items(
        """NEUVO    | Neuvonta, kiinteä hinta    | ServiceItem  | 1240  | 0 | kpl
        KURSSI/PV| Koulutus asiakkaalla       | ServiceItem  | 980   | 0 | pv
        LISENSSI | Ohjelmistolisenssi         | NonStockItem | 240   | 0 | kpl
        TARJOILU | Kokoustarjoilu             | NonStockItem | 24    | 1 | kpl
        RAPORTTI | Painettu raportti          | NonStockItem | 48    | 0 | kpl
        LOUNAS   | Osallistujien lounas       | NonStockItem | 16    | 1 | kpl
        YLLAPITO | Ylläpito, kuukausi         | ServiceItem  | 360   | 0 | kpl
        TARVIKE  | Tarvikkeet                 | NonStockItem | 32    | 0 | kpl
        KONSULT  | Konsultointi               | LaborItem    | 124   | 0 | h
        PROJEKTI | Projektinhallinta          | LaborItem    | 148   | 0 | h
        KEHITYS  | Kehitystyö                 | LaborItem    | 136   | 0 | h
        TUKI     | Käyttötuki                 | LaborItem    | 92    | 0 | h
        KILOM    | Kilometrikorvaus           | ExpenseItem  | 4     | 0 | km
        PAIVARAHA| Päiväraha                  | ExpenseItem  | 52    | 0 | pv
        MATKALIP | Matkaliput                 | ExpenseItem  | 120   | 2 | kpl"""
    ),
}

PROJECTS = {
    "NO": _list(
        """Ny nettbutikk, Innføring av ERP, Ombygging av kontor, Driftsavtale, Sikkerhetsrevisjon,
        Merkevareløft, Kurs for ledere, Integrasjon mot lager, Energikartlegging, Årsrapport,
        Mobilapp, Flytting til skyen, Prosessforbedring, Kundeundersøkelse, Intranett"""
    ),
    "SE": _list(
        """Ny webbutik, Införande av ERP, Ombyggnad av kontor, Driftavtal, Säkerhetsrevision,
        Varumärkeslyft, Ledarutbildning, Lagerintegration, Energikartläggning, Årsredovisning,
        Mobilapp, Flytt till molnet, Processförbättring, Kundundersökning, Intranät"""
    ),
    "FI": _list(
        """Uusi verkkokauppa, ERP-käyttöönotto, Toimiston remontti, Ylläpitosopimus,
        Tietoturvakatselmus, Brändiuudistus, Johdon koulutus, Varastointegraatio,
        Energiakartoitus, Vuosikertomus, Mobiilisovellus, Siirto pilveen, Prosessien kehitys,
        Asiakaskysely, Intranet"""
    ),
}
COMPANIES = {
    "NO": ("Norlund Rådgivning AS", "Norlund Digital AS", "Norlund Prosjekt AS"),
    "SE": ("Ekvall Konsultgrupp AB", "Ekvall Digital AB", "Ekvall Projekt AB"),
    "FI": ("Saarnivaara Palvelut Oy", "Saarnivaara Digital Oy", "Saarnivaara Projektit Oy"),
}
SUPPLIERS = {
    "NO": _list("Papirhuset Vest AS, Skyvarme Hosting AS, Reisebyrået Nord AS, Trykk og Sats AS"),
    "SE": _list("Pappershuset Väst AB, Molnvarm Hosting AB, Resebyrån Norr AB, Tryck och Sats AB"),
    "FI": _list("Paperitalo Länsi Oy, Pilvilämpö Hosting Oy, Matkatoimisto Pohjola Oy, Taitto Oy"),
}
