"""Country names as sanctions lists write them, to ISO 3166-1 alpha-2.

A name is compared as its set of words, without accents, case and articles: the lists turn
names round ("Korea, North", "Congo, Democratic Republic of the"). Names of states that are gone
(Yugoslavia, the Soviet Union) are left out: no passport of theirs can be shown any more.
"""

import re
import unicodedata

_NAMES = """
AD Andorra|Principality of Andorra
AE United Arab Emirates|UAE|Emirati
AF Afghanistan|Islamic Republic of Afghanistan|Afghan
AG Antigua and Barbuda
AI Anguilla
AL Albania|Republic of Albania|Albanian
AM Armenia|Republic of Armenia|Armenian
AO Angola|Republic of Angola|Angolan
AR Argentina|Argentine Republic|Argentine
AS American Samoa
AT Austria|Republic of Austria|Austrian
AU Australia|Australian
AW Aruba
AX Åland Islands
AZ Azerbaijan|Republic of Azerbaijan|Azerbaijani
BA Bosnia and Herzegovina|Bosnia-Herzegovina|Bosnia|Bosnian
BB Barbados
BD Bangladesh|People's Republic of Bangladesh|Bangladeshi
BE Belgium|Kingdom of Belgium|Belgian
BF Burkina Faso
BG Bulgaria|Republic of Bulgaria|Bulgarian
BH Bahrain|Kingdom of Bahrain|Bahraini
BI Burundi|Republic of Burundi
BJ Benin|Republic of Benin
BL Saint Barthélemy
BM Bermuda
BN Brunei|Brunei Darussalam
BO Bolivia|Plurinational State of Bolivia|Bolivia (Plurinational State of)|Bolivian
BQ Bonaire, Sint Eustatius and Saba
BR Brazil|Federative Republic of Brazil|Brazilian
BS Bahamas|The Bahamas
BT Bhutan
BW Botswana
BY Belarus|Republic of Belarus|Belarusian
BZ Belize
CA Canada|Canadian
CC Cocos (Keeling) Islands
CD Democratic Republic of the Congo|DR Congo|DRC|Congo (Kinshasa)
CF Central African Republic|CAR
CG Congo|Republic of the Congo|Congo (Brazzaville)
CH Switzerland|Swiss Confederation|Swiss
CI Côte d'Ivoire|Ivory Coast|Ivorian
CK Cook Islands
CL Chile|Republic of Chile|Chilean
CM Cameroon|Republic of Cameroon
CN China|People's Republic of China|Chinese
CO Colombia|Republic of Colombia|Colombian
CR Costa Rica
CU Cuba|Republic of Cuba|Cuban
CV Cabo Verde|Cape Verde
CW Curaçao
CX Christmas Island
CY Cyprus|Republic of Cyprus|Cypriot
CZ Czech Republic|Czechia|Czech
DE Germany|Federal Republic of Germany|German
DJ Djibouti
DK Denmark|Kingdom of Denmark|Danish
DM Dominica|Commonwealth of Dominica
DO Dominican Republic
DZ Algeria|People's Democratic Republic of Algeria|Algerian
EC Ecuador|Republic of Ecuador|Ecuadorian
EE Estonia|Republic of Estonia|Estonian
EG Egypt|Arab Republic of Egypt|Egyptian
EH Western Sahara
ER Eritrea|State of Eritrea|Eritrean
ES Spain|Kingdom of Spain|Spanish
ET Ethiopia|Federal Democratic Republic of Ethiopia|Ethiopian
FI Finland|Republic of Finland|Finnish
FJ Fiji
FK Falkland Islands|Falkland Islands (Malvinas)
FM Micronesia|Federated States of Micronesia
FO Faroe Islands
FR France|French Republic|French
GA Gabon|Gabonese Republic
GB United Kingdom|United Kingdom of Great Britain and Northern Ireland|Great Britain|British
GD Grenada
GE Georgia|Georgian
GF French Guiana
GG Guernsey
GH Ghana|Republic of Ghana|Ghanaian
GI Gibraltar
GL Greenland
GM Gambia|The Gambia|Republic of the Gambia
GN Guinea|Republic of Guinea
GP Guadeloupe
GQ Equatorial Guinea
GR Greece|Hellenic Republic|Greek
GS South Georgia and the South Sandwich Islands
GT Guatemala|Republic of Guatemala|Guatemalan
GU Guam
GW Guinea-Bissau|Republic of Guinea-Bissau
GY Guyana|Co-operative Republic of Guyana
HK Hong Kong|Hong Kong SAR|China, Hong Kong Special Administrative Region
HN Honduras|Republic of Honduras|Honduran
HR Croatia|Republic of Croatia|Croatian
HT Haiti|Republic of Haiti|Haitian
HU Hungary|Hungarian
ID Indonesia|Republic of Indonesia|Indonesian
IE Ireland|Irish
IL Israel|State of Israel|Israeli
IM Isle of Man
IN India|Republic of India|Indian
IO British Indian Ocean Territory
IQ Iraq|Republic of Iraq|Iraqi
IR Iran|Islamic Republic of Iran|Iranian
IS Iceland
IT Italy|Italian Republic|Italian
JE Jersey
JM Jamaica|Jamaican
JO Jordan|Hashemite Kingdom of Jordan|Jordanian
JP Japan|Japanese
KE Kenya|Republic of Kenya|Kenyan
KG Kyrgyzstan|Kyrgyz Republic|Kyrgyz
KH Cambodia|Kingdom of Cambodia|Cambodian
KI Kiribati
KM Comoros|Union of the Comoros
KN Saint Kitts and Nevis|St. Kitts and Nevis
KP North Korea|Democratic People's Republic of Korea|DPRK|North Korean
KR South Korea|Republic of Korea|Korea|South Korean
KW Kuwait|State of Kuwait|Kuwaiti
KY Cayman Islands
KZ Kazakhstan|Republic of Kazakhstan|Kazakh
LA Laos|Lao People's Democratic Republic|Lao
LB Lebanon|Lebanese Republic|Lebanese
LC Saint Lucia|St. Lucia
LI Liechtenstein
LK Sri Lanka|Sri Lankan
LR Liberia|Republic of Liberia|Liberian
LS Lesotho
LT Lithuania|Republic of Lithuania|Lithuanian
LU Luxembourg
LV Latvia|Republic of Latvia|Latvian
LY Libya|State of Libya|Libyan Arab Jamahiriya|Libyan
MA Morocco|Kingdom of Morocco|Moroccan
MC Monaco
MD Moldova|Republic of Moldova|Moldovan
ME Montenegro|Montenegrin
MF Saint Martin (French part)
MG Madagascar
MH Marshall Islands|Republic of the Marshall Islands
MK North Macedonia|Macedonia|The Former Yugoslav Republic of Macedonia|Macedonian
ML Mali|Republic of Mali|Malian
MM Myanmar|Burma|Republic of the Union of Myanmar|Burmese
MN Mongolia|Mongolian
MO Macau|Macao|Macao SAR
MP Northern Mariana Islands
MQ Martinique
MR Mauritania|Islamic Republic of Mauritania|Mauritanian
MS Montserrat
MT Malta|Republic of Malta|Maltese
MU Mauritius
MV Maldives|Republic of Maldives
MW Malawi
MX Mexico|United Mexican States|Mexican
MY Malaysia|Malaysian
MZ Mozambique|Republic of Mozambique
NA Namibia|Republic of Namibia
NC New Caledonia
NE Niger|Republic of the Niger
NF Norfolk Island
NG Nigeria|Federal Republic of Nigeria|Nigerian
NI Nicaragua|Republic of Nicaragua|Nicaraguan
NL Netherlands|The Netherlands|Kingdom of the Netherlands|Dutch
NO Norway|Kingdom of Norway|Norwegian
NP Nepal|Nepalese
NR Nauru
NU Niue
NZ New Zealand
OM Oman|Sultanate of Oman|Omani
PA Panama|Republic of Panama|Panamanian
PE Peru|Republic of Peru|Peruvian
PF French Polynesia
PG Papua New Guinea
PH Philippines|The Philippines|Republic of the Philippines|Filipino|Philippine
PK Pakistan|Islamic Republic of Pakistan|Pakistani
PL Poland|Republic of Poland|Polish
PM Saint Pierre and Miquelon
PN Pitcairn
PR Puerto Rico
PS Palestine|State of Palestine|Palestinian|Palestinian Territories|Palestinian Authority
PT Portugal|Portuguese Republic|Portuguese
PW Palau
PY Paraguay|Republic of Paraguay|Paraguayan
QA Qatar|State of Qatar|Qatari
RE Réunion
RO Romania|Romanian
RS Serbia|Republic of Serbia|Serbian
RU Russia|Russian Federation|Russian
RW Rwanda|Republic of Rwanda|Rwandan
SA Saudi Arabia|Kingdom of Saudi Arabia|Saudi|Saudi Arabian
SB Solomon Islands
SC Seychelles|Republic of Seychelles
SD Sudan|The Sudan|Republic of the Sudan|Sudanese
SE Sweden|Kingdom of Sweden|Swedish
SG Singapore|Republic of Singapore|Singaporean
SH Saint Helena, Ascension and Tristan da Cunha|Saint Helena
SI Slovenia|Republic of Slovenia|Slovenian
SJ Svalbard and Jan Mayen
SK Slovakia|Slovak Republic|Slovak
SL Sierra Leone|Republic of Sierra Leone
SM San Marino
SN Senegal|Republic of Senegal|Senegalese
SO Somalia|Federal Republic of Somalia|Somali
SR Suriname
SS South Sudan|Republic of South Sudan|South Sudanese
ST Sao Tome and Principe
SV El Salvador|Republic of El Salvador|Salvadoran
SX Sint Maarten
SY Syria|Syrian Arab Republic|Syrian
SZ Eswatini|Swaziland
TC Turks and Caicos Islands
TD Chad|Republic of Chad|Chadian
TF French Southern Territories
TG Togo|Togolese Republic
TH Thailand|Kingdom of Thailand|Thai
TJ Tajikistan|Republic of Tajikistan|Tajik
TK Tokelau
TL Timor-Leste|East Timor
TM Turkmenistan
TN Tunisia|Republic of Tunisia|Tunisian
TO Tonga
TR Turkey|Türkiye|Republic of Türkiye|Republic of Turkey|Turkish
TT Trinidad and Tobago|Republic of Trinidad and Tobago
TV Tuvalu
TW Taiwan|Taiwan, Province of China
TZ Tanzania|United Republic of Tanzania|Tanzanian
UA Ukraine|Ukrainian
UG Uganda|Republic of Uganda|Ugandan
UM United States Minor Outlying Islands
US United States|United States of America|USA|U.S.A.|American
UY Uruguay|Eastern Republic of Uruguay|Uruguayan
UZ Uzbekistan|Republic of Uzbekistan|Uzbek
VA Holy See|Vatican City State|Vatican
VC Saint Vincent and the Grenadines
VE Venezuela|Bolivarian Republic of Venezuela|Venezuelan
VG Virgin Islands (British)|British Virgin Islands
VI Virgin Islands (U.S.)|United States Virgin Islands
VN Vietnam|Viet Nam|Socialist Republic of Viet Nam|Vietnamese
VU Vanuatu
WF Wallis and Futuna
WS Samoa
YE Yemen|Republic of Yemen|Yemeni
YT Mayotte
ZA South Africa|Republic of South Africa|South African
ZM Zambia|Republic of Zambia
ZW Zimbabwe|Republic of Zimbabwe|Zimbabwean
"""

_NOISE = frozenset({"the", "of", "and"})


def country_code(name: str) -> str | None:
    """Return the alpha-2 code of a country's name, adjective or code; None if it is unknown."""
    name = name.strip()
    if len(name) == 2:
        # In capitals only: "in" and "is" are no countries.
        return name if name in _ALPHA_2 else {"UK": "GB"}.get(name)
    return _CODES.get(_words(re.split(r"\bpreviously\b", name, flags=re.IGNORECASE)[0]))


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    # No blank for apostrophes and full stops: people's, U.S.A.
    return frozenset(re.findall(r"[a-z]+", re.sub(r"['’.]", "", plain))) - _NOISE


def _read(table: str) -> dict[frozenset[str], str]:
    codes: dict[frozenset[str], str] = {}
    for line in table.strip().splitlines():
        code, names = line[:2], line[3:]
        codes.update({_words(name): code for name in names.split("|")})
    return codes


_CODES = _read(_NAMES)
_ALPHA_2 = frozenset(_CODES.values())
