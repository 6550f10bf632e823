import { useLocation } from "wouter";
import { type Key, useWords } from "../i18n";
import { useSession } from "../session";
import { Button, Empty, Head, Panel } from "../ui/kit";
import { useAddress } from "../ui/query";
import { Automatic, FirstSync } from "./activate";
import { Checks } from "./checks";
import { Connect } from "./connect";
import { Matches } from "./matches";
import { Options } from "./options";
import { SyncPlan } from "./plan";
import { StatusRoles } from "./roles";

const STEPS = ["connect", "checks", "roles", "matches", "options", "plan", "first", "activate"] as const;
type Step = (typeof STEPS)[number];

/** From two sets of credentials to automatic mode; what was done stays done when the page is closed. */
export default function Wizard() {
  const { t } = useWords();
  const session = useSession();
  const [params, change] = useAddress();
  const [, go] = useLocation();
  if (!session.can("SETUP"))
    return (
      <>
        <Head title={t("setup.title")} />
        <Empty title={t("error.forbidden")} icon="key" />
      </>
    );
  const wanted = params.get("integration");
  const id = wanted ?? session.integrations.find((one) => one.state === "SETUP")?.id;
  const fresh = params.has("new") || !id;
  const step: Step = fresh ? "connect" : (STEPS.find((one) => one === params.get("step")) ?? "checks");
  const at = STEPS.indexOf(step);
  const move = (next: Step) => change({ step: next, integration: id ?? null, new: null });
  return (
    <>
      <Head title={t("setup.title")} sub={fresh ? t("setup.sub") : session.integrations.find((one) => one.id === id)?.name} />
      <div className="wizard">
        <Panel>
          <nav aria-label={t("setup.steps")}>
            <ol className="steps">
              {STEPS.map((one, index) => (
                <li key={one} className={!fresh && index < at ? "done" : undefined}>
                  <button type="button" aria-current={one === step ? "step" : undefined} disabled={fresh && one !== "connect"} onClick={() => move(one)}>
                    <span className="n" aria-hidden="true">{index + 1}</span>
                    {t(`setup.${one}` as Key)}
                  </button>
                </li>
              ))}
            </ol>
          </nav>
        </Panel>
        <div className="stack">
          {step === "connect" && (
            <Connect
              integration={fresh ? undefined : id}
              done={(made) => {
                void session.refresh();
                session.choose(made);
                go(`/setup?integration=${encodeURIComponent(made)}&step=checks`);
              }}
            />
          )}
          {id && step === "checks" && <Checks integration={id} />}
          {id && step === "roles" && <StatusRoles integration={id} />}
          {id && step === "matches" && <Matches integration={id} />}
          {id && step === "options" && <Options integration={id} saved={() => void session.refresh()} />}
          {id && step === "plan" && <SyncPlan integration={id} />}
          {id && step === "first" && <FirstSync integration={id} />}
          {id && step === "activate" && <Automatic integration={id} />}
          {!fresh && step !== "connect" && (
            <div className="row">
              <Button onClick={() => move(STEPS[at - 1] ?? "connect")}>{t("setup.back")}</Button>
              {STEPS[at + 1] && (
                <Button kind="primary" onClick={() => move(STEPS[at + 1] as Step)}>
                  {t("setup.next")}
                </Button>
              )}
            </div>
          )}
        </div>
      </div>
    </>
  );
}
