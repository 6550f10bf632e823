import { useState } from "react";
import { ask } from "../api/client";
import { graphql } from "../api/graphql";
import { useWords } from "../i18n";
import { useSession } from "../session";
import { Button, Check, Dialog, TextField, useAction } from "../ui/kit";
import type { RecordNode } from "./record";

const SaveCustomer = graphql(`
  mutation UpdateCustomer($input: UpdateCustomerInput!) {
    updateCustomer(input: $input) { customer { id } userErrors { code message nextStep } }
  }
`);

const SaveProduct = graphql(`
  mutation UpdateProduct($input: UpdateProductInput!) {
    updateProduct(input: $input) { product { id } userErrors { code message nextStep } }
  }
`);

/** Changes a customer or product on both sides; only what was changed is sent. */
export function EditRecord({ node, done }: { node: RecordNode; done: () => void }) {
  const { t } = useWords();
  const session = useSession();
  const [open, setOpen] = useState(false);
  const editable = node.__typename === "Customer" || node.__typename === "Product";
  if (!editable || !session.can("RECORDS")) return null;
  return (
    <>
      <Button icon="pencil" onClick={() => setOpen(true)}>
        {t("record.edit")}
      </Button>
      {open && <EditDialog node={node} close={() => setOpen(false)} done={done} />}
    </>
  );
}

function EditDialog({ node, close, done }: { node: RecordNode; close: () => void; done: () => void }) {
  const { t, word } = useWords();
  const before: Record<string, string> =
    node.__typename === "Customer"
      ? { name: node.customerName, vatNumber: node.vatNumber ?? "", email: node.email ?? "", website: node.website ?? "", notes: node.notes ?? "" }
      : node.__typename === "Product"
        ? { name: node.productName, unitPrice: node.unitPrice ?? "" }
        : {};
  const activeBefore = node.__typename === "Customer" || node.__typename === "Product" ? node.isActive : true;
  const [values, setValues] = useState(before);
  const [active, setActive] = useState(activeBefore);
  const changes: Record<string, string | boolean | null> = {};
  for (const [name, value] of Object.entries(values)) if (value !== before[name]) changes[name] = value || null;
  if (active !== activeBefore) changes.isActive = active;
  const [save, busy] = useAction(
    async () =>
      node.__typename === "Customer"
        ? (await ask(SaveCustomer, { input: { customerId: node.id, ...changes } })).updateCustomer
        : (await ask(SaveProduct, { input: { productId: node.id, ...changes } })).updateProduct,
    {
      done: t("record.saved"),
      after: () => {
        done();
        close();
      },
    },
  );
  return (
    <Dialog
      title={t("record.edit")}
      onClose={close}
      footer={
        <>
          <Button onClick={close}>{t("action.cancel")}</Button>
          <Button kind="primary" busy={busy} disabled={Object.keys(changes).length === 0} onClick={() => void save()}>
            {t("action.save")}
          </Button>
        </>
      }
    >
      <p className="muted">{t("record.editText")}</p>
      {Object.keys(before).map((name) => (
        <TextField key={name} label={word("field", name)} value={values[name] ?? ""} onChange={(value) => setValues({ ...values, [name]: value })} />
      ))}
      <Check label={t("field.isActive")} checked={active} onChange={setActive} />
    </Dialog>
  );
}
