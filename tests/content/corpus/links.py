"""Addresses that are none, of links and of pictures."""

from __future__ import annotations

from tests.content.corpus import PIN, Wrong, wrong

FULL = "https://example.com/pumpkin-soup"


def link(name: str, text: str, message: str, advice: str) -> Wrong:
    return wrong(f"a link: {name}", {"p.yaml": f"{PIN}link: {text}\n"}, ("p.yaml:3:7", message, advice))


def image(name: str, text: str, message: str, advice: str) -> Wrong:
    return wrong(f"an image: {name}", {"p.yaml": f"board: soups\nimage: {text}\n"}, ("p.yaml:2:8", message, advice))


CASES = [
    link("without scheme", "example.com/soup", "lacks its http or https://", "https:// before it"),
    link("without scheme, with a port", "example.com:80/soup", "lacks its http or https://", "https:// before it"),
    link("without scheme, with slashes", "//example.com/soup", "lacks its http or https:", "https: before it"),
    link("a word", "soup", "does not start with http or https://", FULL),
    link("a path", "/soup", "does not start with http or https://", FULL),
    link("a question mark", "?utm_source=a", "does not start with http or https://", FULL),
    link("a script", "javascript:alert(1)", "does not start with http or https://", FULL),
    link("of FTP", "ftp://example.com/soup", "does not start with http or https://", FULL),
    link("of mail", "mailto:me@example.com", "does not start with http or https://", FULL),
    link("data", "data:text/html,soup", "does not start with http or https://", FULL),
    link("without host", "https:///soup", "has no host name", FULL),
    link("a scheme alone", "https://", "has no host name", FULL),
    link("a port without host", "https://:80/", "has no host name", FULL),
    link("a host without dot", "https://soup", 'no valid host name ("soup")', FULL),
    link("a host of dots", "https://..", 'no valid host name ("..")', FULL),
    link("a host with an angle bracket", "https://exa<mple.com", "no valid host name", FULL),
    link("a host with a comma", "https://example,com", "no valid host name", FULL),
    link("a blank in it", "https://example.com/pumpkin soup", "has white space in it", "%20"),
    link("a line break in it", '"https://example.com/\\nsoup"', "has white space in it", "%20"),
    link("a tab in it", '"https://example.com/\\tsoup"', "has white space in it", "%20"),
    link("a control character in it", '"https://example.com/\\x01soup"', "holds a control character", "Remove it"),
    link("a user name", "https://me@example.com/", "user name or password", "Leave out what stands before the @"),
    link("a password", "https://me:secret@example.com/", "user name or password", "before the @"),
    link("a backslash before another host", "https://example.com\\\\@evil.example/", "user name or password", "before the @"),
    link("an IPv6 address that is not closed", "https://[::1/soup", "is not a web address", FULL),
    link("an IPv6 address that is none", "https://[soup]/", "is not a web address", FULL),
    link("a port out of range", "https://example.com:65536/", "is not a web address", FULL),
    link("a port that is a word", "https://example.com:soup/", "is not a web address", FULL),
    image("not https", "http://example.com/1.jpg", "is not https", "https://"),
    image("of FTP", "ftp://example.com/1.jpg", "does not start with https://", FULL),
    image("a file", "file:///etc/passwd", "does not start with https://", FULL),
    image("a blank in it", "https://example.com/a b.jpg", "has white space in it", "%20"),
    image("without host", "https:///1.jpg", "has no host name", FULL),
    image("a user name", "https://me:secret@example.com/1.jpg", "user name or password", "before the @"),
    image("a port out of range", "https://example.com:99999/1.jpg", "is not a web address", FULL),
    wrong("a link of a slot", {"p.yaml": "board: soups\ncarousel:\n- image: soup.jpg\n- {image: soup.jpg, link: soup}\n"},
          ("p.yaml:4:27", 'the link "soup" does not start with', FULL)),
    wrong("an image of a slot", {"p.yaml":
          "board: soups\ncarousel:\n- image: https://example.com/1.jpg\n- image: http://example.com/2.jpg\n"},
          ("p.yaml:4:10", "is not https", "https://")),
    wrong("a link in the defaults, said once", {"_defaults.yaml": "link: soup\n", "a.yaml": PIN, "b.yaml": PIN},
          ("_defaults.yaml:1:7", 'the link "soup" does not start with', FULL)),
    wrong("a link in the defaults that only some pins take",
          {"_defaults.yaml": "link: soup\n", "a.yaml": PIN, "b.yaml": f"{PIN}link: https://example.com\n"},
          ("_defaults.yaml:1:7", 'the link "soup" does not start with', FULL)),
]  # fmt: skip
