import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { asFailed, type Loaded } from "../api/hooks";
import type { Failed } from "../api/client";
import { useWords } from "../i18n";
import { Icon, type IconName } from "./icons";

/** The head of a view: it names the document and takes the focus when the view opens. */
export function Head({ title, sub, children }: { title: string; sub?: ReactNode; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Severa Gateway`;
  }, [title]);
  useEffect(() => {
    // The first view leaves the focus where the browser puts it.
    if (document.body.dataset.moved) heading.current?.focus({ preventScroll: true });
    document.body.dataset.moved = "yes";
  }, []);
  return (
    <div className="head">
      <div className="titles">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {sub && <div className="sub">{sub}</div>}
      </div>
      {children && <div className="actions">{children}</div>}
    </div>
  );
}

export function Panel(props: { title?: ReactNode; tools?: ReactNode; children: ReactNode; flush?: boolean }) {
  const id = useId();
  return (
    <section className="panel" aria-labelledby={props.title ? id : undefined}>
      {props.title && (
        <header>
          <h2 id={id}>{props.title}</h2>
          {props.tools}
        </header>
      )}
      {props.flush ? props.children : <div className="body">{props.children}</div>}
    </section>
  );
}

export function Note({ tone, children, icon }: { tone: "bad" | "wait" | "info" | "ok"; children: ReactNode; icon?: IconName }) {
  const usual = { bad: "bad", wait: "issue", info: "info", ok: "ok" } as const;
  return (
    <div className={`note ${tone}`}>
      <Icon name={icon ?? usual[tone]} />
      <div className="grow">{children}</div>
    </div>
  );
}

export function Empty({ title, children, icon = "ok" }: { title: string; children?: ReactNode; icon?: IconName }) {
  return (
    <div className="empty">
      <Icon name={icon} />
      <strong>{title}</strong>
      {children}
    </div>
  );
}

/** What stands in place of data that did not come. */
export function Trouble({ error, retry }: { error: Failed; retry?: () => void }) {
  const { t } = useWords();
  const text = error.code === "NETWORK" ? t("error.network") : error.code === "FORBIDDEN" ? t("error.forbidden") : error.message;
  return (
    <div role="alert">
      <Note tone="bad">
        <p>{text}</p>
        {retry && (
          <p>
            <button type="button" className="button" onClick={retry}>
              {t("action.again")}
            </button>
          </p>
        )}
      </Note>
    </div>
  );
}

/** Show data as soon as there are some; say what is wrong, or that it is on its way. */
export function Ready<Data>({ from, children }: { from: Loaded<Data>; children: (data: Data) => ReactNode }) {
  const { t } = useWords();
  if (from.data !== undefined)
    return (
      <>
        {from.error && <Trouble error={from.error} retry={from.refresh} />}
        {children(from.data)}
      </>
    );
  if (from.error) return <Trouble error={from.error} retry={from.refresh} />;
  return (
    <p className="muted" role="status">
      {t("loading")}
    </p>
  );
}

export function Button(props: {
  children?: ReactNode;
  icon?: IconName;
  kind?: "primary" | "danger" | "quiet";
  label?: string;
  busy?: boolean;
  disabled?: boolean;
  submit?: boolean;
  onClick?: () => void;
}) {
  return (
    <button
      type={props.submit ? "submit" : "button"}
      className={`button ${props.kind ?? ""} ${props.children ? "" : "square"}`}
      aria-label={props.label}
      title={props.children ? undefined : props.label}
      disabled={props.disabled}
      aria-disabled={props.busy || undefined}
      onClick={props.busy ? undefined : props.onClick}
    >
      {props.icon && <Icon name={props.icon} />}
      {props.children}
    </button>
  );
}

export function Field(props: { label: string; hint?: ReactNode; children: (id: string, hintId: string | undefined) => ReactNode }) {
  const id = useId();
  const hintId = props.hint ? `${id}h` : undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      {props.children(id, hintId)}
      {props.hint && (
        <span className="hint" id={hintId}>
          {props.hint}
        </span>
      )}
    </div>
  );
}

export function TextField(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: ReactNode;
  type?: string;
  required?: boolean;
  autoComplete?: string;
  placeholder?: string;
  autoFocus?: boolean;
  disabled?: boolean;
}) {
  return (
    <Field label={props.label} hint={props.hint}>
      {(id, hintId) => (
        <input
          id={id}
          className="input"
          aria-describedby={hintId}
          type={props.type ?? "text"}
          value={props.value}
          required={props.required}
          disabled={props.disabled}
          placeholder={props.placeholder}
          autoComplete={props.autoComplete ?? "off"}
          // biome-ignore lint: the one field of its dialog
          autoFocus={props.autoFocus}
          onChange={(event) => props.onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

export function Choice<Value extends string>(props: {
  label: string;
  value: Value;
  options: [Value, string][];
  onChange: (value: Value) => void;
  hidden?: boolean;
  hint?: ReactNode;
  disabled?: boolean;
}) {
  const select = (id?: string, hintId?: string) => (
    <select
      id={id}
      aria-label={props.hidden ? props.label : undefined}
      aria-describedby={hintId}
      value={props.value}
      disabled={props.disabled}
      onChange={(event) => props.onChange(event.target.value as Value)}
    >
      {props.options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
  if (props.hidden) return select();
  return (
    <Field label={props.label} hint={props.hint}>
      {(id, hintId) => select(id, hintId)}
    </Field>
  );
}

export function Check(props: { label: ReactNode; checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean }) {
  const id = useId();
  return (
    <div className="check">
      <input id={id} type="checkbox" checked={props.checked} disabled={props.disabled} onChange={(event) => props.onChange(event.target.checked)} />
      <label htmlFor={id}>{props.label}</label>
    </div>
  );
}

export function Dialog(props: { title: string; onClose: () => void; children: ReactNode; footer?: ReactNode; wide?: boolean }) {
  const { t } = useWords();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  // Closed before it leaves the page, the dialog gives the focus back to where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={props.wide ? "wide" : undefined}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
    >
      <header>
        <h2 id={id}>{props.title}</h2>
        <Button kind="quiet" icon="close" label={t("action.close")} onClick={props.onClose} />
      </header>
      <div className="body">{props.children}</div>
      {props.footer && <footer>{props.footer}</footer>}
    </dialog>
  );
}

export function Tabs<Name extends string>(props: { label: string; tabs: [Name, ReactNode][]; value: Name; onChange: (name: Name) => void }) {
  const move = (step: number) => {
    const at = props.tabs.findIndex(([name]) => name === props.value);
    const next = props.tabs[(at + step + props.tabs.length) % props.tabs.length];
    if (next) props.onChange(next[0]);
  };
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={props.label}
      onKeyDown={(event) => {
        if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
        move(event.key === "ArrowRight" ? 1 : -1);
        requestAnimationFrame(() =>
          (event.target as HTMLElement).parentElement?.querySelector<HTMLElement>("[aria-selected=true]")?.focus(),
        );
      }}
    >
      {props.tabs.map(([name, text]) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === props.value}
          tabIndex={name === props.value ? 0 : -1}
          onClick={() => props.onChange(name)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/* Messages that come and go */

type Toast = { id: number; tone: "ok" | "bad" | "info"; text: string; more?: string };
const Toasts = createContext<(toast: Omit<Toast, "id">) => void>(() => {});

export function ToastProvider({ children }: { children: ReactNode }) {
  const [toasts, setToasts] = useState<Toast[]>([]);
  const { t } = useWords();
  const next = useRef(1);
  const close = useCallback((id: number) => setToasts((all) => all.filter((one) => one.id !== id)), []);
  const say = useCallback(
    (toast: Omit<Toast, "id">) => {
      const id = next.current++;
      setToasts((all) => [...all.slice(-3), { ...toast, id }]);
      setTimeout(() => close(id), toast.tone === "bad" ? 12_000 : 6000);
    },
    [close],
  );
  return (
    <Toasts.Provider value={say}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((toast) => (
          <div key={toast.id} className={`note ${toast.tone}`}>
            <Icon name={toast.tone === "bad" ? "bad" : toast.tone === "ok" ? "ok" : "info"} />
            <div className="grow">
              <p className="strong">{toast.text}</p>
              {toast.more && <p>{toast.more}</p>}
            </div>
            <Button kind="quiet" icon="close" label={t("action.close")} onClick={() => close(toast.id)} />
          </div>
        ))}
      </div>
    </Toasts.Provider>
  );
}

export type UserError = { code: string; message: string; nextStep: string };

/** Do something once at a time; refusals and failures are said, success too if there is a text for it. */
export function useAction<Args extends unknown[]>(
  work: (...args: Args) => Promise<{ userErrors: readonly UserError[] } | undefined>,
  { done, after }: { done?: string; after?: () => void } = {},
): [(...args: Args) => Promise<boolean>, boolean] {
  const say = useToast();
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const act = async (...args: Args) => {
    setBusy(true);
    try {
      const answer = await work(...args);
      const refusal = answer?.userErrors[0];
      if (refusal) {
        say({ tone: "bad", text: refusal.message, more: refusal.nextStep });
        return false;
      }
      if (done) say({ tone: "ok", text: done });
      after?.();
      return true;
    } catch (error) {
      const failed = asFailed(error);
      const text = failed.code === "NETWORK" ? t("error.network") : failed.code === "FORBIDDEN" ? t("error.forbidden") : failed.message;
      say({ tone: "bad", text });
      return false;
    } finally {
      setBusy(false);
    }
  };
  return [act, busy];
}

export function useToast() {
  return useContext(Toasts);
}

/* Times and amounts */

const Clock = createContext(Date.now());

export function ClockProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 10_000);
    return () => clearInterval(timer);
  }, []);
  return <Clock.Provider value={now}>{children}</Clock.Provider>;
}

export function useNow(): number {
  return Math.max(useContext(Clock), 0);
}

export function Ago({ at }: { at: string | null | undefined }) {
  const words = useWords();
  const now = useNow();
  if (!at) return <span className="muted">{words.t("time.never")}</span>;
  return (
    <time dateTime={at} title={words.dateTime(at)} className="nowrap">
      {words.ago(at, Math.max(now, Date.now()))}
    </time>
  );
}

export function Moment({ at }: { at: string | null | undefined }) {
  const { dateTime } = useWords();
  return at ? (
    <time dateTime={at} className="num">
      {dateTime(at)}
    </time>
  ) : (
    <Dash />
  );
}

export function Money({ amount, currency }: { amount: string | null | undefined; currency?: string | null }) {
  const { money } = useWords();
  if (amount === null || amount === undefined) return <Dash />;
  return (
    <span className="num">
      {money(amount)}
      {currency && <span className="muted small"> {currency}</span>}
    </span>
  );
}

export function Dash() {
  const { t } = useWords();
  return (
    <span className="muted" title={t("none")}>
      <span aria-hidden="true">–</span>
      <span className="sr">{t("none")}</span>
    </span>
  );
}

export function Search({ value, onChange, label }: { value: string; onChange: (value: string) => void; label: string }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <div className="search">
      <Icon name="search" />
      <input
        className="input"
        type="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => {
          const next = event.target.value;
          setText(next);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => {
            sent.current = next;
            onChange(next);
          }, 250);
        }}
      />
    </div>
  );
}

export function useStored(name: string, first: string): [string, (value: string) => void] {
  const [value, setValue] = useState(() => localStorage.getItem(name) ?? first);
  return useMemo(
    () => [
      value,
      (next: string) => {
        localStorage.setItem(name, next);
        setValue(next);
      },
    ],
    [name, value],
  );
}
