"""The classes of characters that words are made of, for Python and PostgreSQL alike.

Hexadecimal code points and ranges, made from Unicode 15.1 and frozen: indexes are built with them. A change needs new
functions under new names and a migration that builds the indexes anew.
"""

from __future__ import annotations

from collections.abc import Iterator

# What is neither shown nor compared: joiners, direction marks, soft hyphens, variation selectors (Default_Ignorable)
INVISIBLE = """
    ad 34f 61c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff ffa0 fff0-fff8
    1bca0-1bca3 1d173-1d17a e0000-e0fff
"""

# What stands between words, as far as NFKC leaves it: punctuation, symbols, spaces, controls; unassigned is a word
SEPARATORS = """
    0-2f 3a-40 5b-60 7b-bf d7 f7 2c2-2c5 2d2-2eb 2ed 2ef-2ff 375 3f6 482 55a-55f 589-58a 58d-58f 5be 5c0 5c3 5c6
    5f3-5f4 600-60f 61b-61f 66a-66d 6d4 6dd-6de 6e9 6fd-6fe 700-70d 70f 7f6-7f9 7fe-7ff 830-83e 85e 888 890-891 8e2
    964-965 970 9f2-9f3 9fa-9fb 9fd a76 af0-af1 b70 bf3-bfa c77 c7f c84 d4f d79 df4 e3f e4f e5a-e5b f01-f17 f1a-f1f
    f34 f36 f38 f3a-f3d f85 fbe-fc5 fc7-fcc fce-fda 104a-104f 109e-109f 10fb 1360-1368 1390-1399 1400 166d-166e 1680
    169b-169c 16eb-16ed 1735-1736 17d4-17d6 17d8-17db 1800-180a 1940 1944-1945 19de-19ff 1a1e-1a1f 1aa0-1aa6
    1aa8-1aad 1b5a-1b6a 1b74-1b7e 1bfc-1bff 1c3b-1c3f 1c7e-1c7f 1cc0-1cc7 1cd3 2010-205e 20a0-20c0 2104-212e
    213a-214d 214f 218a-218b 2190-2426 2440-244a 2500-2775 2794-2b73 2b76-2b95 2b97-2bff 2ce5-2cea 2cf9-2cfc
    2cfe-2cff 2d70 2e00-2e2e 2e30-2e5d 2e80-2e99 2e9b-2ef2 2ff0-3004 3008-3020 3030 3037 303d-303f 30a0 30fb
    3190-3191 31c0-31e3 31ef 327f 4dc0-4dff a490-a4c6 a4fe-a4ff a60d-a60f a673 a67e a6f2-a6f7 a700-a716 a720-a721
    a789-a78a a828-a82b a836-a839 a874-a877 a8ce-a8cf a8f8-a8fa a8fc a92e-a92f a95f a9c1-a9cd a9de-a9df aa5c-aa5f
    aa77-aa79 aade-aadf aaf0-aaf1 ab5b ab6a-ab6b abeb e000-f8ff fbb2-fbc2 fd3e-fd4f fdcf fdfd-fdff fe45-fe46
    fff9-fffd 10100-10102 10137-1013f 10179-10189 1018c-1018e 10190-1019c 101a0 101d0-101fc 1039f 103d0 1056f 10857
    10877-10878 1091f 1093f 10a50-10a58 10a7f 10ac8 10af0-10af6 10b39-10b3f 10b99-10b9c 10ead 10f55-10f59
    10f86-10f89 11047-1104d 110bb-110c1 110cd 11140-11143 11174-11175 111c5-111c8 111cd 111db 111dd-111df
    11238-1123d 112a9 1144b-1144f 1145a-1145b 1145d 114c6 115c1-115d7 11641-11643 11660-1166c 116b9 1173c-1173f
    1183b 11944-11946 119e2 11a3f-11a46 11a9a-11a9c 11a9e-11aa2 11b00-11b09 11c41-11c45 11c70-11c71 11ef7-11ef8
    11f43-11f4f 11fd5-11ff1 11fff 12470-12474 12ff1-12ff2 13430-1343f 16a6e-16a6f 16af5 16b37-16b3f 16b44-16b45
    16e97-16e9a 16fe2 1bc9c 1bc9f 1cf50-1cfc3 1d000-1d0f5 1d100-1d126 1d129-1d15d 1d16a-1d16c 1d183-1d184
    1d18c-1d1a9 1d1ae-1d1ea 1d200-1d241 1d245 1d300-1d356 1d800-1d9ff 1da37-1da3a 1da6d-1da74 1da76-1da83
    1da85-1da8b 1e14f 1e2ff 1e95e-1e95f 1ecac 1ecb0 1ed2e 1eef0-1eef1 1f000-1f02b 1f030-1f093 1f0a0-1f0ae
    1f0b1-1f0bf 1f0c1-1f0cf 1f0d1-1f0f5 1f10d-1f1ad 1f1e6-1f1ff 1f260-1f265 1f300-1f6d7 1f6dc-1f6ec 1f6f0-1f6fc
    1f700-1f776 1f77b-1f7d9 1f7e0-1f7eb 1f7f0 1f800-1f80b 1f810-1f847 1f850-1f859 1f860-1f887 1f890-1f8ad
    1f8b0-1f8b1 1f900-1fa53 1fa60-1fa6d 1fa70-1fa7c 1fa80-1fa88 1fa90-1fabd 1fabf-1fac5 1face-1fadb 1fae0-1fae8
    1faf0-1faf8 1fb00-1fb92 1fb94-1fbca f0000-ffffd 100000-10fffd
"""

# Emoji and other pictures: separators, unless nothing else is searched for
SYMBOLS = """
    a6 a9 ae-b0 482 58d-58e 60e-60f 6de 6e9 6fd-6fe 7f6 9fa b70 bf3-bf8 bfa c7f d4f d79 f01-f03 f13 f15-f17 f1a-f1f
    f34 f36 f38 fbe-fc5 fc7-fcf fd5-fd8 109e-109f 1390-1399 166d 1940 19de-19ff 1b61-1b6a 1b74-1b7c 2104-2117
    211e-212e 213a 214a 214c-214d 214f 218a-218b 2195-2199 219c-219f 21a1-21a2 21a4-21a5 21a7-21ad 21af-21cd
    21d0-21d1 21d3 21d5-21f3 2300-2307 230c-231f 2322-237b 237d-239a 23b4-23db 23e2-244a 2500-25b6 25b8-25c0
    25c2-25f7 2600-266e 2670-2767 2794-27bf 2800-28ff 2b00-2b2f 2b45-2b46 2b4d-2bff 2ce5-2cea 2e50-2e51 2e80-2fff
    3004 3012-3013 3020 3037 303e-303f 3190-3191 31c0-31ef 327f 4dc0-4dff a490-a4c6 a828-a82b a836-a837 a839
    aa77-aa79 fd40-fdff fffc-fffd 10137-1013f 10179-10189 1018c-101fc 10877-10878 10ac8 1173f 11fd5-11fdc
    11fe1-11ff1 16b3c-16b3f 16b45 1bc9c 1cf50-1d15d 1d16a-1d16c 1d183-1d184 1d18c-1d1a9 1d1ae-1d241 1d245
    1d300-1d356 1d800-1d9ff 1da37-1da3a 1da6d-1da74 1da76-1da83 1da85-1da86 1e14f 1ecac 1ed2e 1f000-1f0f5
    1f10d-1f3fa 1f400-1fbca
"""

# Symbols that NFKC makes letters or digits of (the sign for a trade mark, a circled 1): words of their own as well
LETTER_LIKE = """
    b2-b3 b9 bc-be 2070 2074-2079 2080-2089 2100-2101 2103 2105-2106 2109 2116 2120-2122 213b 2150-215f 2189
    2460-24ea 2e9f 2ef3-2fd5 3036 3192-319f 3200-3247 3250-327e 3280-33ff ffe4 ffe8 ffed-ffee 1d15e-1d164
    1d1bb-1d1c0 1f100-1f10a 1f110-1f12e 1f130-1f14f 1f16a-1f16c 1f190 1f200-1f251
"""

# Scripts that are written without spaces, by block: Thai, Lao, Tibetan, Myanmar, Khmer, kana, bopomofo, Han, Yi, ...
UNSPACED = """
    e00-109f 1780-17ff 1950-1aaf 1b00-1b7f 3005-3007 3021-303c 3041-31ff 3400-4dbf 4e00-a4cf a980-a9ff aa60-aadf
    f900-faff 11700-1174f 16fe0-18dff 1aff0-1b2ff 20000-3ffff
"""

# Marks that NFKC puts behind a space (a lone acute accent) or that enclose a sign (keycaps): no word begins with one
LONE_MARKS = "300-36f 20d0-20ff"


def code_points(*tables: str) -> Iterator[int]:
    """Yield the code points of tables, range by range."""
    for part in " ".join(tables).split():
        start, _, end = part.partition("-")
        yield from range(int(start, 16), int(end or start, 16) + 1)


def character_class(*tables: str) -> str:
    """Return the inside of a bracket expression, as Python's `re` and PostgreSQL's ARE both read it."""
    return "".join("-".join(escaped(int(end, 16)) for end in part.split("-")) for part in " ".join(tables).split())


def escaped(code_point: int) -> str:
    """Return a character as it stands in a bracket expression."""
    character = chr(max(code_point, 1))  # PostgreSQL has no NUL
    return f"\\{character}" if character in "\\]^-[" else character
