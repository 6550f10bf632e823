import { BarChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { useEffect, useRef, useState } from "react";
import { graphql } from "../api/graphql";
import { useData } from "../api/hooks";
import { subtract } from "../format";
import { useWords } from "../i18n";
import { Choice, Panel, Ready } from "../ui/kit";
import { useTheme } from "../ui/theme";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, AriaComponent, CanvasRenderer]);

const Trend = graphql(`
  query Trend($integration: ID) {
    invoiceSummary(integrationId: $integration, groupBy: [MONTH]) {
      month currency count totalIncludingVat paidAmount
    }
    syncRuns(integrationId: $integration, first: 30) {
      nodes { id state queuedAt startedAt finishedAt steps { processed failed } }
    }
  }
`);

export default function Trends({ integration }: { integration: string | undefined }) {
  const trend = useData(Trend, { integration }, { on: ["RUN", "INVOICE"], every: 60_000 });
  return (
    <Ready from={trend}>
      {(data) => (
        <div className="cols">
          <Months groups={data.invoiceSummary} />
          <Durations runs={data.syncRuns.nodes} />
        </div>
      )}
    </Ready>
  );
}

type Month = { month: string | null; currency: string; count: number; totalIncludingVat: string; paidAmount: string | null };

function Months({ groups }: { groups: readonly Month[] }) {
  const { t, month, money } = useWords();
  const counts = new Map<string, number>();
  for (const one of groups) counts.set(one.currency, (counts.get(one.currency) ?? 0) + one.count);
  const currencies = [...counts].sort((one, other) => other[1] - one[1]).map(([currency]) => currency);
  const [chosen, choose] = useState("");
  const currency = currencies.includes(chosen) ? chosen : (currencies[0] ?? "");
  const rows = groups
    .filter((one) => one.currency === currency && one.month)
    .sort((one, other) => String(one.month).localeCompare(String(other.month)))
    .slice(-18);
  const colours = useColours();
  const names = rows.map((one) => month(String(one.month)));
  const paid = rows.map((one) => Number(one.paidAmount ?? 0));
  const open = rows.map((one) => Number(subtract(one.totalIncludingVat, one.paidAmount ?? "0")));
  const summary = rows.map((one) => `${month(String(one.month))}: ${money(one.totalIncludingVat)} ${currency}`).join("; ");
  return (
    <Panel
      title={t("trend.months")}
      tools={currencies.length > 1 && <div><Choice label={t("column.currency")} hidden value={currency} options={currencies.map((one) => [one, one])} onChange={choose} /></div>}
    >
      <Chart
        label={`${t("trend.months")}. ${summary}`}
        option={{
          ...frame(colours),
          color: [colours.ok, colours.idle],
          xAxis: { type: "category", data: names, ...axis(colours) },
          yAxis: { type: "value", ...axis(colours), axisLabel: { color: colours.muted, formatter: short } },
          series: [
            { name: t("trend.paid"), type: "bar", stack: "all", data: paid, barMaxWidth: 34 },
            { name: t("trend.open"), type: "bar", stack: "all", data: open, barMaxWidth: 34, itemStyle: { borderRadius: [3, 3, 0, 0] } },
          ],
        }}
      />
    </Panel>
  );
}

type RunLine = { id: string; state: string; queuedAt: string; startedAt: string | null; finishedAt: string | null; steps: readonly { processed: number; failed: number }[] };

function Durations({ runs }: { runs: readonly RunLine[] }) {
  const { t, word, dateTime } = useWords();
  const colours = useColours();
  const done = runs.filter((run) => run.startedAt && run.finishedAt).reverse();
  const seconds = done.map((run) => (Date.parse(run.finishedAt as string) - Date.parse(run.startedAt as string)) / 1000);
  const tone = (state: string) => (state === "SUCCEEDED" ? colours.ok : state === "FAILED" ? colours.bad : colours.wait);
  return (
    <Panel title={t("trend.runs")}>
      <Chart
        label={t("trend.runsText", { count: done.length, longest: Math.round(Math.max(0, ...seconds)) })}
        option={{
          ...frame(colours),
          legend: undefined,
          xAxis: { type: "category", data: done.map((run) => dateTime(run.startedAt)), ...axis(colours), axisLabel: { show: false } },
          yAxis: { type: "value", ...axis(colours), axisLabel: { color: colours.muted, formatter: (value: number) => `${value} s` } },
          series: [
            {
              type: "bar",
              barMaxWidth: 18,
              data: done.map((run, index) => ({
                value: Math.round((seconds[index] ?? 0) * 10) / 10,
                name: word("run", run.state),
                itemStyle: { color: tone(run.state), borderRadius: [3, 3, 0, 0] },
              })),
            },
          ],
        }}
      />
    </Panel>
  );
}

type Colours = Record<"ok" | "bad" | "wait" | "idle" | "muted" | "line" | "text" | "raised", string>;

function useColours(): Colours {
  useTheme();
  const style = getComputedStyle(document.documentElement);
  const get = (name: string) => style.getPropertyValue(name).trim();
  return {
    ok: get("--ok"),
    bad: get("--bad"),
    wait: get("--wait"),
    idle: get("--line-strong"),
    muted: get("--muted"),
    line: get("--line"),
    text: get("--text"),
    raised: get("--raised"),
  };
}

function frame(colours: Colours): EChartsCoreOption {
  return {
    animation: false,
    textStyle: { fontFamily: "inherit", color: colours.text },
    grid: { left: 4, right: 8, top: 30, bottom: 2, containLabel: true },
    legend: { top: 0, left: 0, itemWidth: 10, itemHeight: 10, textStyle: { color: colours.muted } },
    // Tooltips are drawn on the canvas: an element with inline styles would be stopped by the policy.
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: colours.raised, borderColor: colours.line, textStyle: { color: colours.text }, axisPointer: { type: "shadow" } },
  };
}

function axis(colours: Colours) {
  return {
    axisLine: { lineStyle: { color: colours.line } },
    axisTick: { show: false },
    axisLabel: { color: colours.muted },
    splitLine: { lineStyle: { color: colours.line } },
  };
}

function short(value: number): string {
  return new Intl.NumberFormat(undefined, { notation: "compact" }).format(value);
}

function Chart({ option, label }: { option: EChartsCoreOption; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(undefined);
  useEffect(() => {
    if (!box.current) return;
    const made = init(box.current, null, { renderer: "canvas" });
    chart.current = made;
    const watch = new ResizeObserver(() => made.resize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      made.dispose();
    };
  }, []);
  useEffect(() => chart.current?.setOption(option, { notMerge: true }));
  return <div className="chart" ref={box} role="img" aria-label={label} />;
}
