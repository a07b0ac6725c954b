"""What a file's name says of its content: only an ending that everybody knows can contradict it."""

from __future__ import annotations

from pathlib import PurePosixPath

from apps.common.text.normal_form import normal_form


def _endings(words: str) -> frozenset[str]:
    return frozenset(f".{word}" for word in words.split())


TEXT_ENDINGS = _endings("""
    txt text csv tsv tab md markdown rst adoc log eml patch diff yaml yml ics vcf srt vtt ini cfg conf properties
    env toml sql tex xml
""")
# Pages, scripts and programs, rejected whatever they contain: what browsers, web servers, shells and interpreters
# run, and what mail programs block (Microsoft, "Blocked attachments in Outlook"; its certificates and data aside).
ACTIVE_ENDINGS = _endings("""
    html htm xhtml xht shtml mht mhtml svg svgz swf hta htc php php3 php4 php5 php7 php8 phtml phar asp aspx asa
    ascx ashx asmx cshtml jsp jspx cfm cgi fcgi
    js mjs cjs jsx jse ts tsx vbs vbe vb ws wsf wsc wsh sct bat cmd btm ps1 ps1xml ps2 ps2xml psc1 psc2 psd1 psm1
    msh msh1 msh2 sh bash zsh csh tcsh ksh fish command scpt applescript py pyc pyo pyw pyz pyzw rb pl tcl lua ahk
    au3 reg inf ins isp url website webloc desktop scf lnk pif jnlp application appref-ms settingcontent-ms
    library-ms search-ms diagcab
    exe com scr cpl dll sys drv ocx msi msp mst msc msix msixbundle appx appxbundle gadget xbap xll xla xlam wll
    ade adp mda mde accde chm hlp jar war ear class dex apk aab ipa app dmg pkg mpkg deb rpm snap flatpak appimage
    elf dylib wasm xpi crx vsix nupkg whl iso vhd vhdx
    docm dotm xlsm xltm pptm potm ppsm ppam
""")
# Well-known formats that are not accepted: accepted content under their names contradicts.
OTHER_ENDINGS = _endings("""
    bmp ico icns psd avif jxl jp2 jpx emf wmf eps ps rtf mp3 m4a aac wav flac ogg oga opus wma aiff mid mp4 m4v mov
    avi mkv webm wmv mpg mpeg 3gp flv gz tgz bz2 tbz2 xz txz zst lz4 lzma tar rar cab ttf otf woff woff2 eot sqlite
    sqlite3 mdb accdb
""")


def endings_of(name: str) -> list[str]:
    """Return the endings that count in a name, in the normal form of text.

    They are the last one and, since Windows reads a colon as the mark of a stream, the one before each colon.
    """
    return [PurePosixPath(part.rstrip(". ")).suffix for part in normal_form(name).split(":")]
