"""Languages as an MP4 names them: three letters (ISO 639-2/T), packed into 15 bits of ``mdhd`` (ISO/IEC 14496-12)."""

from engine.core.errors import OptionError

UNDETERMINED = "und"
"""ISO 639-2 for a language that is not stated."""

# ISO 639-1 to ISO 639-2/T: all 184 languages that have two letters.
_TWO_LETTERS = """
    aa:aar ab:abk ae:ave af:afr ak:aka am:amh an:arg ar:ara as:asm av:ava ay:aym az:aze ba:bak be:bel bg:bul bh:bih
    bi:bis bm:bam bn:ben bo:bod br:bre bs:bos ca:cat ce:che ch:cha co:cos cr:cre cs:ces cu:chu cv:chv cy:cym da:dan
    de:deu dv:div dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas ff:ful fi:fin fj:fij fo:fao fr:fra
    fy:fry ga:gle gd:gla gl:glg gn:grn gu:guj gv:glv ha:hau he:heb hi:hin ho:hmo hr:hrv ht:hat hu:hun hy:hye hz:her
    ia:ina id:ind ie:ile ig:ibo ii:iii ik:ipk io:ido is:isl it:ita iu:iku ja:jpn jv:jav ka:kat kg:kon ki:kik kj:kua
    kk:kaz kl:kal km:khm kn:kan ko:kor kr:kau ks:kas ku:kur kv:kom kw:cor ky:kir la:lat lb:ltz lg:lug li:lim ln:lin
    lo:lao lt:lit lu:lub lv:lav mg:mlg mh:mah mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa mt:mlt my:mya na:nau nb:nob
    nd:nde ne:nep ng:ndo nl:nld nn:nno no:nor nr:nbl nv:nav ny:nya oc:oci oj:oji om:orm or:ori os:oss pa:pan pi:pli
    pl:pol ps:pus pt:por qu:que rm:roh rn:run ro:ron ru:rus rw:kin sa:san sc:srd sd:snd se:sme sg:sag si:sin sk:slk
    sl:slv sm:smo sn:sna so:som sq:sqi sr:srp ss:ssw st:sot su:sun sv:swe sw:swa ta:tam te:tel tg:tgk th:tha ti:tir
    tk:tuk tl:tgl tn:tsn to:ton tr:tur ts:tso tt:tat tw:twi ty:tah ug:uig uk:ukr ur:urd uz:uzb ve:ven vi:vie vo:vol
    wa:wln wo:wol xh:xho yi:yid yo:yor za:zha zh:zho zu:zul
"""

# ISO 639-2/B to ISO 639-2/T: the languages that libraries write otherwise.
_BIBLIOGRAPHIC = """
    tib:bod cze:ces wel:cym ger:deu gre:ell baq:eus per:fas fre:fra arm:hye ice:isl geo:kat mac:mkd mao:mri may:msa
    bur:mya dut:nld rum:ron slo:slk alb:sqi chi:zho
"""

_TERMINOLOGY = dict(pair.split(":") for pair in (_TWO_LETTERS + _BIBLIOGRAPHIC).split())


def iso_639_2(language: str) -> str:
    """The three letters of a language.

    Args:
        language: BCP 47 (RFC 5646): ``en``, ``zh-Hans``, ``pt-BR``, ``yue``; or ISO 639-2: ``deu``, ``ger``; empty for
            one that is not stated. Script and region are left out: ``mdhd`` has no room for them.

    Raises:
        OptionError: it is no such code.
    """
    primary = language.replace("_", "-").partition("-")[0].lower()
    if not primary:
        return UNDETERMINED
    if primary in _TERMINOLOGY:
        return _TERMINOLOGY[primary]
    if len(primary) == 3 and primary.isascii() and primary.isalpha():
        return primary
    raise OptionError(f"{language!r} is not a language: use a code such as en, zh-Hans or deu.")
