import { Component, lazy, type ReactNode, Suspense } from "react";
import { Route, Switch } from "wouter";
import { useWords, WordsProvider } from "./i18n";
import { SessionProvider } from "./session";
import { Shell } from "./shell";
import { Door, Waiting } from "./views/door";
import { ClockProvider, Head, Note, ToastProvider } from "./ui/kit";
import { Overview } from "./views/overview";
import { Invoices } from "./views/invoices";
import { InvoiceView } from "./views/invoice";
import { Issues } from "./views/issues";
import { Conflicts } from "./views/conflicts";
import { CustomerList, ProductList, ProjectList } from "./views/records";
import { RecordView } from "./views/record";
import { Costs, Payments } from "./views/money";
import { Webhooks } from "./views/webhooks";
import { Numbers } from "./views/numbers";
import { Reconciliation } from "./views/reconciliation";
import { RunView, Runs } from "./views/runs";
import { Keys } from "./views/keys";
import { Log } from "./views/log";
import { SettingsView } from "./views/settings";

const Wizard = lazy(() => import("./setup/wizard"));

export function App() {
  return (
    <WordsProvider>
      <ClockProvider>
        <ToastProvider>
          <SessionProvider door={(entered) => <Door entered={entered} />} waiting={(error, again) => <Waiting error={error} again={again} />}>
            <Shell>
              <Views />
            </Shell>
          </SessionProvider>
        </ToastProvider>
      </ClockProvider>
    </WordsProvider>
  );
}

function Views() {
  return (
    <Guard>
      <Suspense fallback={null}>
        <Switch>
          <Route path="/" component={Overview} />
          <Route path="/invoices" component={Invoices} />
          <Route path="/invoices/:id">{({ id }) => <InvoiceView key={id} id={id} />}</Route>
          <Route path="/issues" component={Issues} />
          <Route path="/conflicts" component={Conflicts} />
          <Route path="/customers" component={CustomerList} />
          <Route path="/products" component={ProductList} />
          <Route path="/projects" component={ProjectList} />
          <Route path="/customers/:id">{({ id }) => <RecordView key={id} id={id} />}</Route>
          <Route path="/products/:id">{({ id }) => <RecordView key={id} id={id} />}</Route>
          <Route path="/projects/:id">{({ id }) => <RecordView key={id} id={id} />}</Route>
          <Route path="/payments" component={Payments} />
          <Route path="/costs" component={Costs} />
          <Route path="/numbers" component={Numbers} />
          <Route path="/reconciliation" component={Reconciliation} />
          <Route path="/setup" component={Wizard} />
          <Route path="/runs" component={Runs} />
          <Route path="/runs/:id">{({ id }) => <RunView key={id} id={id} />}</Route>
          <Route path="/webhooks" component={Webhooks} />
          <Route path="/keys" component={Keys} />
          <Route path="/log" component={Log} />
          <Route path="/settings" component={SettingsView} />
          <Route>
            <Unknown />
          </Route>
        </Switch>
      </Suspense>
    </Guard>
  );
}

function Unknown() {
  const { t } = useWords();
  return (
    <>
      <Head title={t("unknown.title")} />
      <p>{t("unknown.text")}</p>
    </>
  );
}

/** A mistake in one view leaves the rest of the page usable. */
class Guard extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };
  static getDerivedStateFromError(error: Error) {
    return { error };
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Note tone="bad">
        <p className="strong">{this.state.error.message}</p>
        <p>
          <a href={location.pathname}>↻</a>
        </p>
      </Note>
    );
  }
}
