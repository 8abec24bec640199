"""What surrounds an article on its page: navigation, share bars, banners, lists of links."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from rag.corpus.boilerplate import opens_links

_TAGS = ("nav", "aside", "form", "menu", "fieldset")
_ROLES = frozenset({"navigation", "banner", "contentinfo", "complementary", "search"}) | frozenset(
    {"dialog", "alertdialog", "menu", "menubar", "toolbar", "tablist"}
)
_THINGS = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation|box)?|menu|breadcrumbs?|cookies?|consent|gdpr|onetrust|"
    r"cookiebot|share(?:bar|this|daddy|s|tools?|links?|buttons?)?|sharing|social(?:s|media|links?|"
    r"icons?)?|addthis|addtoany|a2a|newsletter|subscribe|subscription|signup|paywall|related|"
    r"recommend(?:ed|ations?)?|trending|popular|most-read|promos?|advert(?:s|isement)?|ads?|adslot|"
    r"sponsored|sidebar|widget-area|comments?|comment-list|disqus|pagination|pager|popup|modal|"
    r"skip-?links?|site-?(?:header|footer)|page-?(?:footer)|toc|table-of-contents|on-this-page|"
    r"back-to-top|print-link|tags?-list|post-tags|author-(?:bio|box|profile)|about-(?:the-)?author|feedback|"
    r"rating|read-?more|up-?next|more-stories|survey|dropdown)(?:$|[\s_-])",
    re.IGNORECASE,
)
# Notes beside the text that belong to it, a warning among them.
_CALLOUT = re.compile(
    r"(?:^|[\s_-])(?:call-?out|warning|alert|important|caution|danger|notes?|tips?|info(?:box)?|"
    r"key-?(?:points|facts|takeaways)|highlight|summary)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# What holds more than this share of the page's text is the page, whatever its name says.
_LARGEST_SHARE = 0.4
_LINK_SHARE = 0.6
_WRAPPERS = ("div", "header", "section", "strong", "b", "p", "span")
_MARKS = 5
_MORE_LINKS = re.compile(
    r"(?:(?:artículos?|noticias|contenidos?|temas?|enlaces|páginas) relacionad[oa]s|"
    r"(?:también )?te puede interesar|lo más (?:leído|visto)|ver (?:más|todos?|también)|"
    r"más (?:noticias|artículos|información|sobre .{1,40})|en esta página|contenido|"
    r"on this page|in this article|contents|(?:jump|skip) to(?: section)?|"
    r"table of contents|explore more|external links|"
    r"see also|learn more|find out more|tags|share(?: this .{1,20})?|follow us.{0,30}|"
    r"目录|延伸阅读|相关链接|相关新闻|推荐阅读|猜你喜欢)\s?[:：…]?",
    re.IGNORECASE,
)
_BACK_MATTER = re.compile(
    r"(?:\d+\.?\s*)?(?:references?|bibliography|works cited|literature cited|citations?|"
    r"(?:article )?sources?|endnotes|notes and references|author information|"
    r"author affiliations|about the authors?|referencias|bibliografía|fuentes|"
    r"参考文献|参考资料)\s?[:：]?",
    re.IGNORECASE,
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def drop_furniture(tree: HtmlElement) -> None:
    """Take from a tree what belongs to the site, by what its elements are and are called.

    Footers stay until dates of review have been read from them.
    """
    whole = len(tree.text_content()) or 1
    for element in list(tree.iter(etree.Element)):
        if element.tag in ("html", "body", "main", "article") or element.getparent() is None:
            continue
        if element.tag == "aside" and _CALLOUT.search(_names_of(element)):
            # Lest trafilatura, which leaves asides out, takes it for something else.
            element.tag = "div"
        elif _is_furniture(element) and not _is_the_page(element, whole):
            element.drop_tree()
    for element in list(tree.iter(*_HEADINGS, "p", "div", "strong", "b", "dt", "span")):
        if element.getparent() is not None and _announces_links(element):
            _drop_links_after(element)
    for listed in list(tree.iter("ul", "ol")):
        if listed.getparent() is not None and _is_contents(listed):
            listed.drop_tree()


def drop_footers(tree: HtmlElement) -> None:
    """Take the footers from a tree."""
    for footer in list(tree.iter("footer")):
        if footer.getparent() is not None:
            footer.drop_tree()


def _is_furniture(element: HtmlElement) -> bool:
    if element.tag in _TAGS or (element.get("role") or "").lower() in _ROLES:
        return True
    if element.tag in _HEADINGS or element.tag in ("p", "a", "span", "time"):
        return False
    return _THINGS.search(_names_of(element)) is not None


def _names_of(element: HtmlElement) -> str:
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return _CAMEL.sub("-", named)


def _is_contents(element: HtmlElement) -> bool:
    """Whether a list holds nothing but links to places on the same page."""
    links = list(element.iter("a"))
    inward = all((link.get("href") or "").startswith("#") for link in links)
    return bool(links) and inward and is_links(element)


def _is_the_page(element: HtmlElement, whole: int) -> bool:
    holds_title = element.find(".//h1") is not None
    if element.tag in _TAGS and not holds_title:
        return element.tag == "form" and len(element.text_content()) > whole * _LARGEST_SHARE
    return holds_title or len(element.text_content()) > whole * _LARGEST_SHARE


def _announces_links(element: HtmlElement) -> bool:
    text = _text(element)
    return opens_links(text) or _MORE_LINKS.fullmatch(text) is not None


def _drop_links_after(element: HtmlElement) -> None:
    """Drop the heading of a list of links, with the links that follow it."""
    links = _links_after(element)
    while not links and _is_wrapped(element):
        element = element.getparent()
        links = _links_after(element)
    if element.getparent() is not None and (links or element.tag == "a"):
        for gone in (*links, element):
            gone.drop_tree()


def _is_wrapped(element: HtmlElement) -> bool:
    """Whether an element is all that the one around it holds, but for a mark or two."""
    parent = element.getparent()
    if parent is None or parent.getparent() is None or parent.tag not in _WRAPPERS:
        return False
    return len(_text(parent)) <= len(_text(element)) + _MARKS


def _links_after(element: HtmlElement) -> list[HtmlElement]:
    links = []
    following = element.getnext()
    while following is not None and following.tag not in _HEADINGS and is_links(following):
        links.append(following)
        following = following.getnext()
    return links


def is_links(element: HtmlElement) -> bool:
    """Whether what an element says is said by links."""
    said = len("".join(element.text_content().split()))
    linked = sum(len("".join(link.text_content().split())) for link in element.iter("a"))
    return said > 0 and linked >= _LINK_SHARE * said


def drop_back_matter(tree: HtmlElement) -> None:
    """Take the lists of references and the addresses of authors from a tree."""
    for heading in list(tree.iter(*_HEADINGS)):
        if heading.getparent() is None or not _BACK_MATTER.fullmatch(_text(heading)):
            continue
        following = heading.getnext()
        while following is not None and not _ends_section(following, heading):
            gone, following = following, following.getnext()
            gone.drop_tree()
        heading.drop_tree()


def _ends_section(element: HtmlElement, heading: HtmlElement) -> bool:
    first = next(element.iter(*_HEADINGS), None)
    return first is not None and str(first.tag) <= str(heading.tag)


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())
