"""What axe-core finds on a page."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.clients.running import MODULES, require_clients

AXE = MODULES / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async rules => {
  const found = await axe.run(document, { runOnly: { type: "tag", values: rules } });
  const where = node => node.target.join(" ") + node.failureSummary;
  return {
    passes: found.passes.length,
    violations: found.violations.map(rule => [rule.id, rule.nodes.map(where)]),
  };
}"""


def violations(page: Page) -> list[object]:
    """Every rule of WCAG 2.2 AA and of best practice that the page breaks, and where."""
    require_clients("axe-core")
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    told = page.evaluate(RUN, RULES)
    assert told["passes"] > 20
    found: list[object] = told["violations"]
    return found
