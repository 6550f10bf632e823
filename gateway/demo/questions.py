"""The GraphQL documents of the demo."""

START_SYNC = """
mutation StartSync($input: StartSyncInput!) {
  startSync(input: $input) { run { id } userErrors { code message nextStep } }
}
"""

RUN = """
query Run($id: ID!) {
  node(id: $id) {
    ... on SyncRun {
      state
      steps { name entity direction state processed total created updated unchanged failed }
    }
  }
}
"""

INVOICES = """
query Invoices($integration: ID!, $severaIds: [String!]) {
  invoices(integrationId: $integration, filter: {severaIds: $severaIds}, first: 100) {
    nodes {
      id kind number referenceNumber state currency totalIncludingVat paidAmount balance
      links { side externalId }
      issues { code title cause nextStep resolvedAt }
      rows { description vatPercent expectedVatPercent }
    }
  }
}
"""

RETRY = """
mutation Retry($input: RetryInvoiceInput!) {
  retryInvoice(input: $input) { invoice { id state } userErrors { code message nextStep } }
}
"""

COUNTS = """
query Counts($integration: ID!) {
  customers(integrationId: $integration, first: 1) { totalCount }
  products(integrationId: $integration, first: 1) { totalCount }
  projects(integrationId: $integration, first: 1) { totalCount }
  invoices(integrationId: $integration, first: 1) { totalCount }
  payments(integrationId: $integration, first: 1) { totalCount }
  projectCosts(integrationId: $integration, first: 1) { totalCount }
  creditNotes: invoices(integrationId: $integration, filter: {kinds: [CREDIT_NOTE]}, first: 1) {
    totalCount
  }
}
"""

IN_STATE = """
query InState($integration: ID!, $state: InvoiceState!) {
  invoices(integrationId: $integration, filter: {states: [$state]}, first: 1) { totalCount }
}
"""
