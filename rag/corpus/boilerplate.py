"""Lines of a page that belong to the site around an article, not to the article."""

from __future__ import annotations

import re

# Longer lines are prose, whatever they begin with.
_LONGEST_LINE = 200
# Titles in a list of links.
_LONGEST_LINK = 120

_THINGS = (
    r"(?:articles?|posts?|stor(?:y|ies)|reading|reads|topics?|content|pages?|links?|news|videos?|"
    r"guides?)"
)
_ADVERTISEMENT = re.compile(
    r"(?:continue|keep) reading(?: below)?|(?:article|story) continues (?:below|after).{0,40}|"
    r"advertisements?|sponsored(?: content)?|scroll to continue|skip to (?:main )?content|广告",
    re.IGNORECASE,
)
_BUTTON = re.compile(
    r"(?:share|save|print|listen|e-?mail|bookmark|like|comments?|tweet|pin(?: it)?|copy link|"
    r"download(?: pdf)?|facebook|twitter|x|linkedin|whatsapp|pinterest|instagram|reddit|wechat|"
    r"weibo)(?:[\s,|/·•]+(?:share|save|print|listen|e-?mail|tweet|pin|copy link|facebook|twitter|x|"
    r"linkedin|whatsapp|pinterest|instagram|reddit|wechat|weibo))*|"
    r"(?:share|print|save|e-?mail|like|rate) (?:this|on)(?: (?:article|page|story|post|facebook|"
    r"twitter|x|linkedin|whatsapp))?(?: (?:on|via|with) .{1,40})?|"
    r"(?:medically |expert )?(?:fact[- ]checked|reviewed)|table of contents|in this article|"
    r"was this (?:article|page|information) helpful\??(?: ?yes ?[/|]? ?no)?|"
    r"(?:leave|add|post) a comment|\d+ (?:comments?|shares?|views?|likes?)|"
    r"(?:back|return|jump) to (?:the )?top|(?:next|previous)(?: (?:article|page|post))?|"
    r"follow us.{0,60}|"
    r"分享|分享到|打印|收藏|点赞|返回顶部",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"(?:©|\(c\)\s|copyright\b).*|.*\ball rights reserved\.?|"
    r"(?:privacy|cookie|terms|accessibility)\s(?:policy|notice|statement|settings|preferences|"
    r"(?:of|and) (?:use|service|conditions)).{0,80}|"
    r"(?:accept|reject|manage) (?:all )?cookies|(?:we|this (?:web)?site) uses? cookies.*|"
    r"(?:subscribe|sign up|join)\b.*\b(?:newsletters?|mailing list|inbox|"
    r"e-?mail (?:updates|alerts)|emails?|updates)\b.*|subscribe(?: now| today)?|"
    r"about us|contact us|"
    r"版权所有.*|.*保留所有权利。?",
    re.IGNORECASE,
)
_LINKS = re.compile(
    rf"(?:(?:related|recommended|popular|trending|latest|featured|suggested|similar|other|more|most)"
    rf"(?:\s\w+){{0,2}}\s{_THINGS}|you (?:may|might) (?:also )?(?:like|be interested in)|"
    rf"read (?:next|more|also)|up next|more (?:from|on|about)\s.{{1,60}}|"
    rf"(?:view|see|show|load|browse) (?:all|more)(?:\s\w+){{0,3}}|related|recommended(?: for you)?|"
    rf"(?:相关|推荐|热门)(?:文章|阅读|推荐|内容)|(?:查看|阅读)(?:全部|更多))\s?[>»›→:：….]*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!。！]$|[.!?。！？]\s")
_TRAIL = re.compile(r"home\s*(?:[>»›/|→]\s*[^>»›/|→]{1,60})+", re.IGNORECASE)


def is_advertisement(line: str) -> bool:
    """Whether a line marks an advertisement or leads past one, wherever it stands."""
    return len(line) <= _LONGEST_LINE and _ADVERTISEMENT.fullmatch(line.rstrip(" :")) is not None


def is_button(line: str) -> bool:
    """Whether a line is a share button or the like, if it stands above or below the article."""
    return len(line) <= _LONGEST_LINE and _BUTTON.fullmatch(line.rstrip(" :")) is not None


def is_trail(line: str) -> bool:
    """Whether a line is the trail of pages that leads to an article: `Home > Spine > …`."""
    return len(line) <= _LONGEST_LINE and _TRAIL.fullmatch(line) is not None


def is_footer(line: str) -> bool:
    """Whether a line belongs to the foot of a page: copyright, cookies, newsletter."""
    return len(line) <= _LONGEST_LINE and _FOOTER.fullmatch(line) is not None


def opens_links(line: str) -> bool:
    """Whether a line is the heading of a list of other articles, or the link to all of them."""
    return len(line) <= _LONGEST_LINK and _LINKS.fullmatch(line) is not None


def may_be_link(line: str) -> bool:
    """Whether a line could be the title of another article rather than a sentence of this one."""
    return len(line) <= _LONGEST_LINK and _SENTENCE.search(line) is None
