import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const told = new Set<() => void>();

export function wishedTheme(): Theme {
  return (localStorage.getItem("theme") as Theme | null) ?? "system";
}

export function shownTheme(): "light" | "dark" {
  const wish = wishedTheme();
  return wish === "system" ? (dark.matches ? "dark" : "light") : wish;
}

function apply() {
  document.documentElement.dataset.theme = shownTheme();
  for (const tell of told) tell();
}

export function startTheme() {
  dark.addEventListener("change", apply);
  apply();
}

export function setTheme(theme: Theme) {
  if (theme === "system") localStorage.removeItem("theme");
  else localStorage.setItem("theme", theme);
  apply();
}

export function useTheme(): "light" | "dark" {
  return useSyncExternalStore((tell) => {
    told.add(tell);
    return () => void told.delete(tell);
  }, shownTheme);
}
