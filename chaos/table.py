"""What a run has shown, as text."""

from chaos.compare import NAMES
from chaos.run import Result

_SHOWN = 12


def table(result: Result) -> str:
    """Return the verdict with a table of faults by kind."""
    options, verdict = result.options, result.verdict
    lines = [
        f"seed {options.seed}: {verdict.invoices} invoices and credit notes, "
        f"{sum(result.happened.values())} faults, {result.seconds:.0f} s"
        + (f", without the {options.mutation}" if options.mutation else ""),
        "",
        f"{'fault':<24}{'planned':>8}{'happened':>10}",
    ]
    for kind in sorted(result.planned):
        lines.append(f"{kind:<24}{result.planned[kind]:>8}{result.happened[kind]:>10}")
    lines.append("")
    for name in NAMES:
        found: list[str] = getattr(verdict, name)
        lines.append(f"{name:<24}{len(found):>8}")
        lines += [f"    {text}" for text in found[:_SHOWN]]
    lines += [f"deleted drafts explained {verdict.deleted:>7}"]
    lines += [f"surprise: {text}" for text in sorted(set(result.surprises))]
    if not result.settled:
        lines.append("It did not come to rest in time.")
    lines.append("clean" if verdict.clean and result.settled else "DAMAGE")
    return "\n".join(lines) + "\n"
