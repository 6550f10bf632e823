import { type ReactNode, useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { graphql, type Scope } from "./api/graphql";
import { useConnection, useData } from "./api/hooks";
import { type Key, LANGUAGES, type Language, useWords } from "./i18n";
import { useSession } from "./session";
import { Icon, type IconName } from "./ui/icons";
import { Button, Choice } from "./ui/kit";
import { setTheme, shownTheme, useTheme } from "./ui/theme";

type Item = { path: string; icon: IconName; label: Key; count?: number; scope?: Scope };

const Counts = graphql(`
  query Counts($integration: ID) {
    failed: invoices(integrationId: $integration, filter: { states: [FAILED, ORPHANED, UNCERTAIN] }, first: 1) { totalCount }
    issues(integrationId: $integration, filter: { open: true }, first: 1) { totalCount }
    conflicts(integrationId: $integration, first: 1) { totalCount }
  }
`);

export function Shell({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [location] = useLocation();
  // biome-ignore lint: a new view closes the menu
  useEffect(() => setOpen(false), [location]);
  return (
    <>
      <a className="skip" href="#main">
        {t("shell.skip")}
      </a>
      <div className="shell">
        <header className="top">
          <Button kind="quiet" icon="menu" label={t("shell.menu")} onClick={() => setOpen(true)} />
          <Link href="/" className="brand">
            <img src="/icon.svg" alt="" />
            Severa Gateway
          </Link>
          <Live />
        </header>
        {open && <button type="button" className="veil" aria-label={t("action.close")} onClick={() => setOpen(false)} />}
        <Side open={open} close={() => setOpen(false)} />
        <main id="main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}

function Side({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useWords();
  const session = useSession();
  const counts = useData(Counts, { integration: session.integration?.id }, { on: ["INVOICE", "ISSUE", "RUN"], every: 30_000 });
  const groups: [Key, Item[]][] = [
    [
      "nav.work",
      [
        { path: "/", icon: "overview", label: "nav.overview" },
        { path: "/invoices", icon: "invoice", label: "nav.invoices", count: counts.data?.failed.totalCount },
        { path: "/issues", icon: "issue", label: "nav.issues", count: counts.data?.issues.totalCount },
        { path: "/conflicts", icon: "conflict", label: "nav.conflicts", count: counts.data?.conflicts.totalCount },
      ],
    ],
    [
      "nav.records",
      [
        { path: "/customers", icon: "customer", label: "nav.customers" },
        { path: "/products", icon: "product", label: "nav.products" },
        { path: "/projects", icon: "project", label: "nav.projects" },
        { path: "/payments", icon: "payment", label: "nav.payments" },
        { path: "/costs", icon: "cost", label: "nav.costs" },
      ],
    ],
    [
      "nav.books",
      [
        { path: "/reconciliation", icon: "balance", label: "nav.reconciliation" },
        { path: "/numbers", icon: "number", label: "nav.numbers" },
      ],
    ],
    [
      "nav.operation",
      [
        { path: "/runs", icon: "run", label: "nav.runs" },
        { path: "/webhooks", icon: "webhook", label: "nav.webhooks" },
        { path: "/settings", icon: "settings", label: "nav.settings" },
        { path: "/keys", icon: "key", label: "nav.keys", scope: "KEYS" },
        { path: "/log", icon: "log", label: "nav.log" },
      ],
    ],
  ];
  return (
    <div
      className={`side ${open ? "open" : ""}`}
      onKeyDown={(event) => event.key === "Escape" && close()}
    >
      <Link href="/" className="brand">
        <img src="/icon.svg" alt="" />
        Severa Gateway
      </Link>
      {session.integrations.length > 1 && (
        <Choice
          label={t("shell.integration")}
          hidden
          value={session.integration?.id ?? ""}
          options={session.integrations.map((one) => [one.id, one.name])}
          onChange={session.choose}
        />
      )}
      <nav className="nav" aria-label={t("shell.views")}>
        {groups.map(([title, items]) => (
          <section key={title}>
            <h2>{t(title)}</h2>
            <ul>
              {items
                .filter((item) => !item.scope || session.can(item.scope))
                .map((item) => (
                  <li key={item.path}>
                    <NavLink {...item} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </nav>
      <Foot />
    </div>
  );
}

function NavLink({ path, icon, label, count }: Item) {
  const [location] = useLocation();
  const { t, number } = useWords();
  const here = path === "/" ? location === "/" : location === path || location.startsWith(`${path}/`);
  return (
    <Link href={path} aria-current={here ? "page" : undefined}>
      <Icon name={icon} />
      {t(label)}
      {count ? (
        <span className="count">
          {number(count)}
          <span className="sr"> {t("nav.open")}</span>
        </span>
      ) : null}
    </Link>
  );
}

function Foot() {
  const { t, language, setLanguage, word } = useWords();
  const session = useSession();
  const theme = useTheme();
  const other = theme === "dark" ? "light" : "dark";
  return (
    <div className="foot">
      <Live />
      <div className="small">
        <div className="strong">{session.name}</div>
        <div className="muted">{word("role", session.role)}</div>
      </div>
      <div className="row">
        <div className="grow">
          <Choice label={t("shell.language")} hidden value={language} options={Object.entries(LANGUAGES) as [Language, string][]} onChange={setLanguage} />
        </div>
        <Button icon={theme === "dark" ? "sun" : "moon"} label={t(`theme.${other}`)} onClick={() => setTheme(shownTheme() === "dark" ? "light" : "dark")} />
        <Button icon="out" label={t("shell.signOut")} onClick={session.signOut} />
      </div>
    </div>
  );
}

function Live() {
  const { word } = useWords();
  const state = useConnection();
  return (
    <span className={`live ${state}`} role="status" data-live={state}>
      <i aria-hidden="true" />
      {word("live", state)}
    </span>
  );
}
