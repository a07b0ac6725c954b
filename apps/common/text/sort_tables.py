"""The order of the Unicode root collation, as far as it is not the order of code points (CLDR 42, as ICU 72 has it).

Frozen like `tables.py`, and hexadecimal like it. Covers the scripts that are in everyday use; what is left out, and
every ideograph, stands by its code point, which is the order of the root collation for most of it.
"""

from __future__ import annotations

# ASCII signs in their order: before digits, which stand before letters
SIGNS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"

# `base: equal next-1 next-2 ...;` for each base: what is sorted like it (`-`: nothing), then what follows it, one after
# the other, before its own successor. `=` marks what is sorted like the one before; `+` joins the characters of a base
PLACES = """
    20: 2028 =2029; 21: - a1; 22: - 201c 201d 201e 201f 301d 301e 301f ab bb; 24: - a3 a5 20a0 20a1 20a2 20a3 20a4
    20a5 20a6 20a7 20a9 20aa 20ab 20ac 20ad 20ae 20af 20b0 20b1 20b2 20b3 20b4 20b5 20b6 20b7 20b8 20b9 20ba 20bb
    20bc 20bd 20be 20bf 20c0; 25: - 2030 2031 2020 2021 2022 2023 2027 2043 204c 204d 2032 2035 3003 2038 203b 203f
    2054 2040 2050 2041 2042 5be; 26: - 204a; 27: - 2018 2019 201a 201b 2039 203a; 2a: - 204e 2051; 2b: - b1 f7 d7;
    2c: - 60c 3001; 2d: - 2010 2012 2013 2014 2015 2053 301c 30fb; 2e: - 3002 b7 964 2055 2056 2058 2059 205a 205b
    205c 205d 205e; 30: 660 =6f0 =7c0 =966 =9e6 =a66 =ae6 =b66 =be6 =c66 =ce6 =d66 =de6 =e50 =ed0 =f20 =1040 =1090
    =17e0 =1810 =1946 =19d0 =1a80 =1a90 =1b50 =1bb0 =1c40 =1c50 =a620 =a8d0 =a900 =a9d0 =a9f0 =aa50 =abf0; 31: 661
    =6f1 =7c1 =967 =9e7 =a67 =ae7 =b67 =be7 =c67 =ce7 =d67 =de7 =e51 =ed1 =f21 =1041 =1091 =17e1 =1811 =1947 =19d1
    =1a81 =1a91 =1b51 =1bb1 =1c41 =1c51 =a621 =a8d1 =a901 =a9d1 =a9f1 =aa51 =abf1; 32: 662 =6f2 =7c2 =968 =9e8 =a68
    =ae8 =b68 =be8 =c68 =ce8 =d68 =de8 =e52 =ed2 =f22 =1042 =1092 =17e2 =1812 =1948 =19d2 =1a82 =1a92 =1b52 =1bb2
    =1c42 =1c52 =a622 =a8d2 =a902 =a9d2 =a9f2 =aa52 =abf2; 33: 663 =6f3 =7c3 =969 =9e9 =a69 =ae9 =b69 =be9 =c69 =ce9
    =d69 =de9 =e53 =ed3 =f23 =1043 =1093 =17e3 =1813 =1949 =19d3 =1a83 =1a93 =1b53 =1bb3 =1c43 =1c53 =a623 =a8d3
    =a903 =a9d3 =a9f3 =aa53 =abf3; 34: 664 =6f4 =7c4 =96a =9ea =a6a =aea =b6a =bea =c6a =cea =d6a =dea =e54 =ed4
    =f24 =1044 =1094 =17e4 =1814 =194a =19d4 =1a84 =1a94 =1b54 =1bb4 =1c44 =1c54 =a624 =a8d4 =a904 =a9d4 =a9f4 =aa54
    =abf4; 35: 665 =6f5 =7c5 =96b =9eb =a6b =aeb =b6b =beb =c6b =ceb =d6b =deb =e55 =ed5 =f25 =1045 =1095 =17e5
    =1815 =194b =19d5 =1a85 =1a95 =1b55 =1bb5 =1c45 =1c55 =a625 =a8d5 =a905 =a9d5 =a9f5 =aa55 =abf5; 36: 666 =6f6
    =7c6 =96c =9ec =a6c =aec =b6c =bec =c6c =cec =d6c =dec =e56 =ed6 =f26 =1046 =1096 =17e6 =1816 =194c =19d6 =1a86
    =1a96 =1b56 =1bb6 =1c46 =1c56 =a626 =a8d6 =a906 =a9d6 =a9f6 =aa56 =abf6; 37: 667 =6f7 =7c7 =96d =9ed =a6d =aed
    =b6d =bed =c6d =ced =d6d =ded =e57 =ed7 =f27 =1047 =1097 =17e7 =1817 =194d =19d7 =1a87 =1a97 =1b57 =1bb7 =1c47
    =1c57 =a627 =a8d7 =a907 =a9d7 =a9f7 =aa57 =abf7; 38: 668 =6f8 =7c8 =96e =9ee =a6e =aee =b6e =bee =c6e =cee =d6e
    =dee =e58 =ed8 =f28 =1048 =1098 =17e8 =1818 =194e =19d8 =1a88 =1a98 =1b58 =1bb8 =1c48 =1c58 =a628 =a8d8 =a908
    =a9d8 =a9f8 =aa58 =abf8; 39: 669 =6f9 =7c9 =96f =9ef =a6f =aef =b6f =bef =c6f =cef =d6f =def =e59 =ed9 =f29
    =1049 =1099 =17e9 =1819 =194f =19d9 =1a89 =1a99 =1b59 =1bb9 =1c49 =1c59 =a629 =a8d9 =a909 =a9d9 =a9f9 =aa59
    =abf9; 3b: - 61b 204f; 3e: - ac; 3f: - bf 61f 203d; 5e: - b0 a9 ae 2190 2192; 61: - 1d00 1d8f a7bb 1d01 1d02
    ab31 250 251 ab30 1d90 252 ab64; 61+338: a79b =a7c1; 61+338+61: a733; 61+338+65: e6; 61+338+6f: a735; 61+338+75:
    a737; 61+338+76: a739 =a73b; 61+338+79: a73d; 62: - 299 180 1d03 1d6c a797 1d80 253 183 a7b5; 63: - 1d04 23c
    a793 a794 188 255 2184 a73f; 64: - ab66 2a5 2a4 1d05 1d06 a7c8 1d6d 1d81 256 257 1d91 18c 221 a771 1e9f; 64+338:
    f0 =111 =a77a; 64+338+62: 238; 64+338+7a: 2a3; 65: - 1d07 ab32 ab33 247 1d92 ab34 1dd 259 1d95 25b 1d93 258 25a
    25c 1d94 1d08 25d 25e 29a 264; 66: - 2a9 a730 ab35 a799 1d6e 1d82 192 a7fb; 66+338: a77c; 67: - a7d1 261 ab36
    262 1e5 1d83 260 29b 1d77 a77f 263 1a3; 67+338: 1d79 =a7a1; 68: - 29c 195 a795 266 a7f6 a727 267; 68+338: 127;
    69: - 131 26a a7fe a7f7 1d09 268 1d7b 1d96 a7bd 269 1d7c; 6a: - 237 1d0a 249 29d 25f 284; 6b: - 1d0b 1d84 199
    a741 a743 a745 29e; 6b+338: a7a3; 6c: - 29f a747 1d0c a749 19a 26b ab38 ab39 26c ab37 1d85 26d a78e 234 a772 26e
    a781 19b 28e; 6c+338: 142; 6c+338+6c: 1efb; 6c+338+73: 2aa; 6c+338+7a: 2ab; 6d: - 1d0d 1d6f 1d86 271 ab3a a7fd
    a7ff a773; 6e: - 274 1d0e 1d70 272 19e a791 1d87 273 235 ab3b a774 14b ab3c; 6e+338: a7a5; 6f: - 1d0f 1d11 ab3d
    276 1d14 ab41 ab42 ab40 ab43 ab44 1d13 ab3e 254 1d10 1d12 ab3f 1d97 ab62 a74d 1d16 1d17 275 a74b 277 a7b7 223
    1d15; 6f+338: f8 =a79d; 6f+338+65: 153; 6f+338+6f: a74f; 70: - 1d18 1d7d a751 1d71 1d88 1a5 a753 a755 a7fc 278;
    71: - a7af a757 a759 2a0 24b 138; 71+338+70: 239; 72: - ab45 280 ab46 1d19 24d 1d72 279 1d1a 27a 27b 1d89 27c
    27d ab49 27e 1d73 27f ab47 ab48 ab4a ab4b ab4c 281 ab68 a775 a776 a75d; 72+338: a75b =a783 =a7a7; 73: - a731
    a7ca 1d74 1d8a 282 23f a7d7 1e9c 1e9d 283 ab4d 1d8b 1d98 1aa 285 286; 73+338: a785 =a7a9 =a7d9; 74: - 2a8 ab67
    2a7 1d1b 167 1d75 1ab 1ad 288 236 a777 287; 74+338: a787; 74+338+68: 1d7a; 74+338+73: 1be =2a6; 74+338+7a: a729;
    75: - 1d1c ab4e 1d1d 1d1e 1d6b ab50 ab51 289 ab4f a7b9 1d7e 1d99 ab52 a7bf 265 2ae 2af 26f a7fa 1d1f 270 28a
    1d7f; 75+338: a79f; 76: - 1d20 a75f 1d8c 28b 1efd 28c; 76+338+79: a761; 77: - 1d21 28d; 77+338: a7c3; 78: - 1d8d
    ab56 ab57 ab58 ab59 ab53 ab54 ab55; 79: - 28f 24f 1b4 1eff ab5a 21d; 7c: - a6; 7d: - 2045 2046 3008 3009 300a
    300b 300c 300d 300e 300f 3010 3011 3014 3015 3016 3017 3018 3019 301a 301b 2016 a7 b6 204b; 7e: - 2052 2044 3004
    3012 3013 a4 a2; 18d: - 1d22; 1b6: - 1d76 1d8e 225 290 291 240 a763 292 1d23; 1b9: - 1d9a; 1ba: - 293 fe a7d3
    a765 a767 1bf a7d5 a769 ab60 ab61 ab63 a76b a76d a76f a778; 1bb: - a72b a72d a72f 1a8; 1bd: - 185 294 242 a723
    a78c a78f 295 1d24 1d25 a725 2a1 2a2 296; 3b3: - 1d26; 3b5: - 3dd 377 3db; 3b6: - 371; 3b9: - 3f3; 3ba: - 3d7;
    3bb: - 1d27; 3c0: - 1d28 3fb 3df 3d9; 3c1: - 1d29 3fc; 3c3: - 37c 37b 37d; 3c8: - 1d2a; 3c9: - ab65; 3e1: - 373;
    430: - 4d9 4d5; 433: 491 493 4fb 495 4f7; 434: - 501 a681 452 a663 503 499; 435: - 454; 436: - 52b a685 497;
    437: - a641 505 511 a643 455 a645 4e1 a689 507 a683; 438: - 48b 456 a647 439 458 a649; 43a: - 49b 4c4 4a1 49f
    49d 51f 51b; 43b: - 1d2b 4c6 52f 513 521 459 a665 509 515; 43c: - 4ce a667; 43d: - 529 4ca 4a3 4c8 523 4a5 45a
    50b; 43e: a669 =a66b =a66d =a66e =a699 =a69b 4e9; 43f: - 525 4a7 481; 440: - 48f 517; 441: - 50d 4ab; 442: -
    a68d 50f 4ad a68b 45b; 443: - 4af 4b1 a64b 479; 445: - 4fd 4ff 4b3 4bb 527 a695 461 47f a64d 47d 47b; 446: -
    a661 a68f 4b5 a691; 447: - 52d a693 4b7 4cc 4b9 a687 4bd 4bf 45f; 448: - a697; 449: - a64f a67f; 44a: - a651;
    44c: - 48d 463 a653; 44e: - a655 a657; 44f: - 519; 467: - a659 46b a65b; 469: - a65d; 475: - a65f; 4a9: - 51d;
    4cf: - 10d0 10d1 10d2 10d3 10d4 10d5 10d6 10f1 10d7 10d8 10d9 10da 10db 10dc 10f2 10dd 10de 10df 10e0 10e1 10e2
    10f3 10e3 10e4 10e5 10e6 10e7 10e8 10e9 10ea 10eb 10ec 10ed 10ee 10f4 10ef 10f0 10f5 10f6 10f7 10f8 10f9 10fa
    10fd 10fe 10ff; 561: - 560; 575: - 588; 586: - 559; 5d5+5d5: 5f0; 5d5+5d9: 5f1; 5d9: - 5ef; 5d9+5d9: 5f2; 5da:
    5db; 5dd: 5de; 5df: 5e0; 5e3: 5e4; 5e5: 5e6; 621: 674 =883 =887 622 623 672 671 624 625 673 773 774 626 8a8 8a9
    8ac; 627: 870 =871 =872 =873 =874 =875 =876 =877 =878 =879 =87a =87b =87c =87d =87e =87f =880 =881 =882 =8ad
    66e; 628: - 67b 67e 680 750 751 752 753 754 755 8a0 756 8be 8a1 8b6 8b7; 62b: - 679 67a 67c 67d 67f 8b8 8bf 8c0;
    62c: - 683 684 88a 686 6bf 687 8a2 8c1 8c5 8c6; 62e: - 681 682 685 757 758 76e 76f 772 77c; 630: - 688 689 68a
    68b 68c 68d 8ae 68e 68f 690 6ee 759 75a; 632: - 691 692 693 694 695 696 697 698 699 6ef 75b 76b 76c 771 8aa 8b2
    8b9; 634: - 69a 69b 69c 6fa 75c 76d 770 77d 77e; 636: - 69d 8af 69e 6fb; 638: - 69f 8a3 88b 88c; 63a: - 6a0 8c3
    6fc 75d 75e 75f 8b3; 641: - 6a1 6a2 8bb 6a3 6a4 8a4 6a5 6a6 760 761 66f; 642: - 6a7 8bc 6a8 8c4 8a5 8b5; 643: -
    6a9 6aa 6ab 6ac 77f 6ad 6ae 8b4 6af 8b0 8c8 6b0 6b1 6b2 6b3 6b4 762 63b 88d 63c 763 764 8c2; 644: - 6b5 6b6 6b7
    6b8 76a 8a6 8c7; 645: - 765 766 8a7; 646: - 6ba 8bd 6bb 6bc 6bd 6b9 767 768 769 889; 647: - 6be 6c1 6c3 6ff 6d5;
    648: 6e5 =884 6c4 6c5 6c6 6c7 6c8 6c9 6ca 6cb 8b1 6cf 778 779 8ab; 64a: 6e6 =885 =886; 6cc: 8c9; 6d1: - 63d 63e
    63f 620; 777: - 8ba 6d2; 88e: - 950 972; 906: - 973 974 975 976 977; 90b: - 960; 90c: - 961; 917: - 97b; 91c: -
    979 97c; 920: - 978; 921: - 97e; 92c: - 97f; 92f: - 97a; 939: - 93d 97d 93e; 93b: - 94f 956 957; 944: - 962 963;
    945: - 955; 947: - 94e; 98b: - 9e0; 98c: - 9e1; 9a4: - 9ce; 9b0: - 9f0; 9b2: - 9f1; 9c4: - 9e2 9e3; 9c8: - 9cb
    9cc; 9fc: - a74 a73 a09 a0a a13; a06: - a10 a14 a72; a0f: - a38 a39 a51; a2f: - a75; a35: - a5c; a4d: - ad0;
    a8b: - ae0; a8c: - ae1; a9c: - af9; ab9: - ab3; ac4: - ae2 ae3; b0b: - b60; b0c: - b61; b2f: - b5f; b35: - b71;
    b44: - b62 b63; b47: - b48 b4b b4c; b57: - bd0; b93: - b94 b83; bb2: - bb5 bb4; bb3: - bb1 ba9 b9c; bc8: - bca
    bcb bcc; c0b: - c60; c0c: - c61; c1a: - c58; c1c: - c59; c28: - c5d; c39: - c33 c34 c5a; c44: - c62 c63; c47: -
    c48; c8b: - ce0; c8c: - ce1; ca8: - cdd; cb9: - cb3 cde; cbd: - cf1 cf2 c80; cbf: - cc0; cc4: - ce2 ce3; cc6: -
    cc7 cc8 cca ccb; d08: - d5f; d0b: - d60; d0c: - d61; d15: - d7f; d23: - d7a; d28: - d7b; d2e: - d54; d2f: - d55;
    d30: - d4e =d7c; d32: - d7d; d39: - d33 d7e d34 d56 d31; d3d: - d04; d44: - d62 d63; d48: - d4a d4b d4c; d57: -
    d3b =d3c =d4d; dd8: - df2 ddf df3; dd9: - dda; ddb: - ddc ddd dde dca; e45: - ede; e89: - eaa; e8c: - e8e edf;
    f40: - f90 f6b; f41: - f91; f42: - f92; f44: - f94; f45: - f95; f46: - f96; f47: - f97; f49: - f99; f4a: - f9a;
    f4b: - f9b; f4c: - f9c; f4e: - f9e; f4f: - f9f; f50: - fa0; f51: - fa1; f53: - fa3; f54: - fa4; f55: - fa5; f56:
    - fa6; f58: - fa8; f59: - fa9; f5a: - faa; f5b: - fab; f5d: - fad =fba; f5e: - fae; f5f: - faf; f60: - fb0; f61:
    - fb1 =fbb; f62: f6a fb2 =fbc f6c; f63: - fb3; f64: - fb4; f65: - fb5; f66: - fb6; f67: - fb7; f68: - f00 fb8
    f88 f8d f89 f8e f8c f8f f8a f8b; f72: - f80; 1000: - 1075; 1001: - 1076; 1002: - 1077; 1004: - 105a; 1005: -
    1078; 1007: - 1079; 1008: - 105b 1061; 1009: - 107a; 100f: - 106e; 1012: - 107b; 1014: - 107c 105e; 1016: - 107d
    107e 108e; 1017: - 107f; 1019: - 105f; 101a: - 103b; 101b: - 103c; 101c: - 1060; 101d: - 103d 1082 1080 1050
    1051 1065; 101e: - 103f; 101f: - 1081 103e; 1020: - 105c 105d 106f 1070 1066; 1025: - 1026 1052 1053 1054 1055;
    102b: 102c 1083 1072 109c; 102d: - 1071; 102e: - 1033; 102f: - 1073 1074; 1030: - 1056 1057 1058 1059; 1031: -
    1084 1035 1085; 1032: - 109d 1086; 1034: - 1062 1067 1068; 1087: - 108b; 1088: - 108c 108d; 17a2: - 17dc; 3042:
    3041 =30a1 =30a2; 3044: 3043 =30a3 =30a4; 3046: 3045 =30a5 =30a6; 3048: 3047 =30a7 =30a8; 304a: 3049 =30a9
    =30aa; 304b: 3095 =30ab =30f5; 304d: 30ad; 304f: 30af =31f0; 3051: 3096 =30b1 =30f6; 3053: 30b3; 3055: 30b5;
    3057: 30b7 =31f1; 3059: 30b9 =31f2; 305b: 30bb; 305d: 30bd; 305f: 30bf; 3061: 30c1; 3064: 3063 =30c3 =30c4;
    3066: 30c6; 3068: 30c8 =31f3; 306a: 30ca; 306b: 30cb; 306c: 30cc =31f4; 306d: 30cd; 306e: 30ce; 306f: 30cf
    =31f5; 3072: 30d2 =31f6; 3075: 30d5 =31f7; 3078: 30d8 =31f8; 307b: 30db =31f9; 307e: 30de; 307f: 30df; 3080:
    30e0 =31fa; 3081: 30e1; 3082: 30e2; 3084: 3083 =30e3 =30e4; 3086: 3085 =30e5 =30e6; 3088: 3087 =30e7 =30e8;
    3089: 30e9 =31fb; 308a: 30ea =31fc; 308b: 30eb =31fd; 308c: 30ec =31fe; 308d: 30ed =31ff; 308f: 308e =30ee
    =30ef; 3090: 30f0; 3091: 30f1; 3092: 30f2; 3093: 30f3; 3105: 31a0; 3106: 31b4; 3107: - 31ac; 3108: - 312a; 310a:
    31b5; 310b: - 312f; 310d: 31a3 =31bb; 310e: 31b6 312b 31ad; 310f: 31b7; 3110: 31a2; 3112: - 312c 31bc 31bd;
    3117: 31a1; 3119: - 31b8 31b9 31ba; 311a: 31a9; 311b: 31a7 31a6; 311c: 312e; 311d: - 31a4 =31a5; 311e: 31ae;
    3120: 31af; 3124: - 31b2; 3125: - 31b0 31b1; 3127: 31aa =31b3; 3128: 31a8 =31ab;
"""

# Letters that are signs to the collation: repetition and length marks
SIGN_LETTERS = """
    2b9-2ba 2c6-2d1 2ec 971 e46 ec6 17d7 1aa7 3005 3031-3035 303b 309d-309e 30fc-30fe a717-a71f a788 a9cf a9e6 aa70
    aadd aaf3-aaf4
"""

# Marks that are compared only where the letters are the same
MARKS = """
    300-33f 342 346-34e 350-362 483-489 591-5bd 5bf 5c1-5c2 5c4-5c5 5c7 600-605 610-61a 640 64b-65f 670 6d6-6dd
    6df-6e4 6e7-6e8 6ea-6ed 70f 711 730-74a 7eb-7f3 7fa 7fd 818-819 81c-82d 859-85b 890-891 898-89f 8ca-903 93c
    951-954 981-983 9bc 9fe a01-a03 a3c a70-a71 a81-a83 abc afa-aff b01-b03 b3c b55 b82 c00-c04 c3c c81-c83 cbc cf3
    d00-d03 d81-d83 e47-e4e ec8-ece f18-f19 f35 f37 f39 f3e-f3f f7e-f7f f82-f83 f86-f87 fc6 1036-1038 135d-135f
    17c6-17d1 17d3 17dd 180a 1939-193b 1a74-1a7c 1a7f 1ab0-1abe 1ac1-1acb 1b00-1b04 1b34 1b6b-1b73 1b80-1b82 1be6
    1c37 1cd0-1ce8 1ced 1cf2-1cf4 1cf7-1cf9 1dc0-1dc9 1dcb-1dd1 1df5-1dff 20d0-20f0 2cef-2cf1 2d7f 302a-302f
    3099-309a a66f-a672 a67c-a67d a6f0-a6f1 a80b a880-a881 a8c5 a8e0-a8f1 a92b-a92d a980-a983 a9b3 aabf aac1 abec
    fb1e fe20-fe2f fe73 fff9-fffb 101fd 102e0 10a0d-10a0f 10a38-10a3a 10ae5-10ae6 10d24-10d27 10eab-10eac
    10efd-10eff 10f46-10f50 10f82-10f85 11000-11002 11080-11082 110ba 110bd 110cd 11100-11102 11173 11180-11182
    111c9-111cc 111cf 11234 11236-11237 1123e 112df 112e9 11300-11303 1133b-1133c 11366-1136c 11370-11374
    11443-11446 1145e 114bf-114c1 114c3 115bc-115be 115c0 1163d-1163e 11640 116ab-116ac 116b7 11837-11838 1183a
    1193b-1193c 11943 119de-119df 11a33 11a35-11a39 11a96-11a98 11c3c-11c3e 11cb5-11cb6 11d40-11d43 11d95-11d96
    11f00-11f01 11f03 13430-13440 13447-13455 16af0-16af4 16b30-16b36 16fe4 16ff0-16ff1 1bc9d-1bc9e 1cf00-1cf2d
    1cf30-1cf46 1d165-1d169 1d16d-1d172 1d17b-1d182 1d185-1d18b 1d1aa-1d1ad 1d242-1d244 1da00-1da36 1da3b-1da6c
    1da75 1da84 1da9b-1da9f 1daa1-1daaf 1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ef 1e8d0-1e8d6 1e944-1e94a
"""

# The commonest marks in their own order
MARK_ORDER = """
    332 313 314 301 300 306 302 30c 30a 342 308 30b 303 307 338 327 328 304 30d 30e 312 315 31a 33d 33e 33f 346 34a
    34b 34c 350 351 352 357 35b 35d 35e 316 317 318 319 31c 31d 31e 31f 320 329 32a 32b 32c 32f 333 33a 33b 33c 347
    348 349 34d 34e 353 354 355 356 359 35a 35c 35f 362 336 337 335 305 309 30f 310 311 31b 321 322 323 324 325 326
    32d 32e 330 331 334 339 358 360 361
"""
