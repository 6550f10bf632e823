import { useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type ReactNode, useEffect, useRef, useSyncExternalStore } from "react";
import type { Pages } from "../api/hooks";
import { useWords } from "../i18n";
import { Icon } from "./icons";
import { Empty, Trouble } from "./kit";

export type Column<Row> = {
  id: string;
  title: ReactNode;
  /** The width in pixels; columns without one share what is left. */
  width?: number;
  right?: boolean;
  /** Left out on a phone. */
  wide?: boolean;
  /** The order that a click on the title asks the server for. */
  order?: string;
  cell: (row: Row) => ReactNode;
};

export type Order = { field: string; direction: "ASC" | "DESC" };

const narrow = window.matchMedia("(max-width: 820px)");

/** A phone shows fewer columns and taller rows. */
function usePhone(): boolean {
  return useSyncExternalStore(watchPhone, () => narrow.matches);
}

function watchPhone(told: () => void) {
  narrow.addEventListener("change", told);
  return () => narrow.removeEventListener("change", told);
}

type Props<Row> = {
  label: string;
  columns: Column<Row>[];
  pages: Pages<Row>;
  keyOf: (row: Row) => string;
  open?: (row: Row) => void;
  selected?: (row: Row) => boolean;
  order?: Order;
  onOrder?: (order: Order) => void;
  empty: ReactNode;
  rowHeight?: number;
};

/** A long list: only the rows in sight exist; the next page is fetched before its end is reached. */
export function LongTable<Row>(props: Props<Row>) {
  const { pages, keyOf } = props;
  const phone = usePhone();
  const columns = phone ? props.columns.filter((one) => !one.wide) : props.columns;
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const height = Math.max(props.rowHeight ?? 38, phone ? 56 : 0);
  const virtual = useVirtualizer({
    count: pages.rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 12,
    getItemKey: (index) => keyOf(pages.rows[index] as Row),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (pages.more && last >= pages.rows.length - 20 && pages.rows.length > 0) pages.loadMore();
  }, [last, pages]);
  if (pages.error && pages.rows.length === 0) return <Trouble error={pages.error} retry={pages.refresh} />;
  if (!pages.loading && pages.rows.length === 0) return <>{props.empty}</>;
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <>
      {pages.error && <Trouble error={pages.error} retry={pages.refresh} />}
      {/* biome-ignore lint: a box that scrolls must be reachable by keyboard */}
      <div className="table tall virtual fixed" ref={box} style={{ "--row": `${height}px` } as CSSProperties} tabIndex={0} role="region" aria-label={props.label}>
        <table aria-rowcount={pages.total === undefined ? -1 : pages.total + 1} aria-busy={pages.loading}>
          <caption className="sr">{props.label}</caption>
          <colgroup>
            {columns.map((column) => (
              <col key={column.id} style={column.width && !phone ? { width: column.width } : undefined} />
            ))}
          </colgroup>
          <TableHead columns={columns} order={props.order} onOrder={props.onOrder} />
          <tbody>
            <Gap height={above} span={columns.length} />
            {items.map((item) => {
              const row = pages.rows[item.index] as Row;
              return (
                <tr
                  key={item.key}
                  aria-rowindex={item.index + 2}
                  aria-selected={props.selected?.(row) || undefined}
                  className={props.open ? "link" : undefined}
                  onClick={(event) => {
                    if ((event.target as HTMLElement).closest("a,button,input,select,label")) return;
                    if (!window.getSelection()?.toString()) props.open?.(row);
                  }}
                >
                  {columns.map((column) => (
                    <td key={column.id} className={classes(column)}>
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
              );
            })}
            <Gap height={below} span={columns.length} />
            {pages.loading && (
              <tr className="loading-row">
                <td colSpan={columns.length}>{t("loading")}</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Gap({ height, span }: { height: number; span: number }) {
  if (height <= 0) return null;
  return (
    <tr className="gap" aria-hidden="true">
      <td colSpan={span} style={{ height }} />
    </tr>
  );
}

/** A short list, whole on the page. */
export function ShortTable<Row>(props: {
  label: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  open?: (row: Row) => void;
  empty?: string;
  foot?: ReactNode;
}) {
  const phone = usePhone();
  const columns = phone ? props.columns.filter((one) => !one.wide) : props.columns;
  if (props.rows.length === 0 && props.empty) return <Empty title={props.empty} icon="idle" />;
  return (
    // biome-ignore lint: a box that scrolls must be reachable by keyboard
    <div className="table" tabIndex={0} role="region" aria-label={props.label}>
      <table>
        <caption className="sr">{props.label}</caption>
        <TableHead columns={columns} />
        <tbody>
          {props.rows.map((row) => (
            <tr
              key={props.keyOf(row)}
              className={props.open ? "link" : undefined}
              onClick={(event) => {
                if ((event.target as HTMLElement).closest("a,button,input,select,label")) return;
                if (!window.getSelection()?.toString()) props.open?.(row);
              }}
            >
              {columns.map((column) => (
                <td key={column.id} className={classes(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {props.foot && <tfoot>{props.foot}</tfoot>}
      </table>
    </div>
  );
}

function TableHead<Row>({ columns, order, onOrder }: { columns: Column<Row>[]; order?: Order; onOrder?: (order: Order) => void }) {
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const field = column.order;
          const mine = field !== undefined && order?.field === field;
          const sort = mine ? (order.direction === "ASC" ? "ascending" : "descending") : undefined;
          return (
            <th key={column.id} scope="col" className={classes(column)} aria-sort={sort}>
              {field && onOrder ? (
                <button
                  type="button"
                  onClick={() => onOrder({ field, direction: mine && order.direction === "DESC" ? "ASC" : "DESC" })}
                >
                  {column.title}
                  {mine && <Icon name={order.direction === "ASC" ? "up" : "down"} />}
                </button>
              ) : (
                column.title
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

function classes<Row>(column: Column<Row>) {
  return column.right ? "right" : undefined;
}
