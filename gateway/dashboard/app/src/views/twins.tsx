import { useWords } from "../i18n";
import { Ago, Note } from "../ui/kit";
import { SideTag } from "../ui/state";

type Link = { side: string; externalId: string; externalNumber: string | null; lastSeenAt: string | null; missingSince: string | null };

/** Where the record is on either side. */
export function Twins({ links }: { links: readonly Link[] }) {
  const { t } = useWords();
  if (links.length === 0) return <p className="muted">{t("record.noLinks")}</p>;
  return (
    <ul className="stack">
      {links.map((link) => (
        <li key={link.side}>
          <SideTag side={link.side} />
          <p className="mono">{link.externalNumber ?? link.externalId}</p>
          {link.externalNumber && link.externalNumber !== link.externalId && <p className="mono small muted">{link.externalId}</p>}
          {link.missingSince ? (
            <Note tone="wait">
              {t("record.missing")} <Ago at={link.missingSince} />
            </Note>
          ) : (
            <p className="small muted">
              {t("record.seen")} <Ago at={link.lastSeenAt} />
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
