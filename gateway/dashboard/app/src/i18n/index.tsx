import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { en } from "./en";

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
export type Language = "en" | "fi" | "sv" | "nb";
export const LANGUAGES: Record<Language, string> = {
  en: "English",
  fi: "Suomi",
  sv: "Svenska",
  nb: "Norsk bokmål",
};

const load: Record<Exclude<Language, "en">, () => Promise<{ default: Catalogue }>> = {
  fi: () => import("./fi"),
  sv: () => import("./sv"),
  nb: () => import("./nb"),
};

type Params = Record<string, string | number>;

export type Words = {
  language: Language;
  locale: string;
  setLanguage: (language: Language) => void;
  t: (key: Key, params?: Params) => string;
  /** A word for a value of the API, or the value itself where the catalogue has none. */
  word: (group: string, value: string) => string;
  number: (value: number | bigint) => string;
  decimal: (value: string, places?: number) => string;
  money: (value: string) => string;
  date: (text: string | null | undefined) => string;
  month: (text: string) => string;
  dateTime: (text: string | null | undefined) => string;
  ago: (text: string, now: number) => string;
};

const Context = createContext<Words | null>(null);

export function useWords(): Words {
  const words = useContext(Context);
  if (!words) throw new Error("no words");
  return words;
}

function firstLanguage(): Language {
  const kept = localStorage.getItem("language");
  if (kept && kept in LANGUAGES) return kept as Language;
  for (const wish of navigator.languages) {
    const base = wish.split("-")[0] ?? "";
    if (base === "no" || base === "nn") return "nb";
    if (base in LANGUAGES) return base as Language;
  }
  return "en";
}

/** The reader's own formats where the browser's language is the one of the texts. */
function localeOf(language: Language): string {
  const own = navigator.languages.find((one) => one.split("-")[0] === language);
  return own ?? { en: "en-GB", fi: "fi-FI", sv: "sv-SE", nb: "nb-NO" }[language];
}

export function WordsProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [catalogue, setCatalogue] = useState<Catalogue | null>(language === "en" ? en : null);
  useEffect(() => {
    let wanted = true;
    if (language === "en") setCatalogue(en);
    else load[language]().then((found) => wanted && setCatalogue(found.default));
    document.documentElement.lang = language;
    return () => {
      wanted = false;
    };
  }, [language]);
  const words = useMemo(
    () =>
      catalogue &&
      makeWords(language, catalogue, (next) => {
        localStorage.setItem("language", next);
        setLanguage(next);
      }),
    [language, catalogue],
  );
  if (!words) return null;
  return <Context.Provider value={words}>{children}</Context.Provider>;
}

function makeWords(language: Language, catalogue: Catalogue, setLanguage: Words["setLanguage"]): Words {
  const locale = localeOf(language);
  const plural = new Intl.PluralRules(locale);
  const whole = new Intl.NumberFormat(locale);
  const amount = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const day = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });
  const monthName = new Intl.DateTimeFormat(locale, { year: "numeric", month: "short", timeZone: "UTC" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" });
  const t: Words["t"] = (key, params = {}) => {
    let text: string = catalogue[key];
    // "one|other": the count chooses the form.
    if (text.includes("|") && typeof params.count === "number") {
      const [one = "", other = ""] = text.split("|");
      text = plural.select(params.count) === "one" ? one : other;
    }
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = params[name];
      return typeof value === "number" ? whole.format(value) : String(value ?? "");
    });
  };
  const exact = (value: string) => value as unknown as number; // Intl reads decimal text exactly.
  return {
    language,
    locale,
    setLanguage,
    t,
    word: (group, value) => (catalogue as Record<string, string>)[`${group}.${value}`] ?? value,
    number: (value) => whole.format(value),
    decimal: (value, places = 2) =>
      new Intl.NumberFormat(locale, { maximumFractionDigits: places }).format(exact(value)),
    money: (value) => amount.format(exact(value)),
    date: (text) => (text ? day.format(new Date(`${text.slice(0, 10)}T00:00:00Z`)) : ""),
    month: (text) => monthName.format(new Date(`${text.slice(0, 10)}T00:00:00Z`)),
    dateTime: (text) => (text ? moment.format(new Date(text)) : ""),
    ago: (text, now) => {
      const seconds = Math.round((Date.parse(text) - now) / 1000);
      const size = Math.abs(seconds);
      if (size < 45) return size < 5 ? t("time.now") : relative.format(seconds, "second");
      if (size < 3600) return relative.format(Math.round(seconds / 60), "minute");
      if (size < 36 * 3600) return relative.format(Math.round(seconds / 3600), "hour");
      return relative.format(Math.round(seconds / 86400), "day");
    },
  };
}
