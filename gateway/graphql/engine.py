"""Runs operations: parse and validate once per text, measure, execute with a deadline (P1, S3).

Every transport goes through here, so that limits, scopes, masking and deadlines are the same on
HTTP, SSE and WebSocket.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute,
    parse,
    specified_rules,
    validate,
)
from graphql.execution import (
    Executor,
    create_source_event_stream,
    execute_subscription_event,
)
from strawberry.schema import Schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from gateway.graphql import errors, hub, limits
from gateway.graphql.context import Context
from gateway.graphql.express import Express, translate
from gateway.graphql.operation import (
    Answer,
    Prepared,
    Request,
    clean,
    operation_of,
    paging_variables,
    whole_number,
)
from gateway.quota import TooBusy
from schema.money import dumps
from schema.words import Scope

CACHED = 512
DEADLINE = 10.0
RULES = tuple(specified_rules)
_INTROSPECTION = re.compile(r"\b__(schema|type)\b")
# What these fields show moves with the clock, not with the data.
_MOVING = re.compile(r"freshness|ageSeconds|isStale|syncStatus")


class Engine:
    """Runs operations of one schema."""

    def __init__(self, schema: Schema, *, open_introspection: bool = False) -> None:
        self.schema = schema
        self.core = schema._schema
        self.open_introspection = open_introspection
        self._prepared: OrderedDict[tuple[str, str | None], Prepared] = OrderedDict()

    def prepare(self, request: Request) -> Prepared:
        """Parse, measure and validate a document; the outcome is remembered."""
        key = (request.query, request.operation_name)
        found = self._prepared.get(key)
        if found is not None:
            self._prepared.move_to_end(key)
            return found
        made = self._prepare(request)
        self._prepared[key] = made
        if len(self._prepared) > CACHED:
            self._prepared.popitem(last=False)
        return made

    def _prepare(self, request: Request) -> Prepared:
        if not clean(request.query):
            text = "The document holds a character that is not allowed."
            return Prepared(refused=[errors.plain(text, errors.PARSE)])
        try:
            document = parse(request.query, max_tokens=limits.LIMITS.tokens)
        except GraphQLSyntaxError as error:
            return Prepared(refused=errors.request_errors([error], errors.PARSE))
        operation = operation_of(document, request.operation_name)
        if isinstance(operation, str):
            return Prepared(refused=[errors.plain(operation, "OPERATION_RESOLUTION_FAILURE")])
        over, _ = self._measure(document, operation, request.variables or {})
        # The cost depends on page sizes in the variables: a refusal for it is not remembered.
        if over is not None and (over.extensions or {}).get("limit") != "cost":
            return Prepared(refused=errors.request_errors([over], errors.LIMIT))
        wrong = validate(self.core, document, RULES, hide_suggestions=not self.open_introspection)
        if wrong:
            return Prepared(refused=errors.request_errors(wrong, errors.VALIDATION))
        return Prepared(
            document=document,
            operation=operation,
            introspects=bool(_INTROSPECTION.search(request.query)),
            keepable=operation.operation is OperationType.QUERY
            and not _MOVING.search(request.query),
            paging=paging_variables(operation),
            express=self._express(document, operation),
        )

    def _express(
        self, document: DocumentNode, operation: OperationDefinitionNode
    ) -> Express | None:
        if operation.operation is not OperationType.QUERY:
            return None
        fragments = {
            one.name.value: one
            for one in document.definitions
            if isinstance(one, FragmentDefinitionNode)
        }
        return translate(self.schema, operation, fragments)

    def _measure(
        self,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> tuple[GraphQLError | None, int]:
        try:
            found = limits.measure(self.core, document, operation, variables)
        except RecursionError:
            found = limits.Measure(depth=limits.LIMITS.depth + 1)
        over = limits.check(found)
        self.note_measure(found, over)
        return over, found.cost

    def note_measure(self, found: limits.Measure, over: GraphQLError | None) -> None:
        """Be told of every measured operation; here nobody listens."""

    def note_kept(self) -> None:
        """Be told of every answer that was given again; here nobody listens."""

    def refusal(
        self, prepared: Prepared, request: Request, context: Context
    ) -> list[dict[str, Any]] | None:
        """Return why an operation may not be executed; None if it may."""
        if prepared.refused:
            return prepared.refused
        variables = request.variables or {}
        over, _ = self._measured(prepared, variables)
        if over is not None:
            return errors.request_errors([over], errors.LIMIT)
        if prepared.introspects and not self._may_introspect(context):
            text = "Introspection needs the scope setup:write here."
            return [errors.plain(text, "FORBIDDEN")]
        if not clean(variables):
            text = "A variable holds a character that is not allowed."
            return [errors.plain(text, errors.INPUT)]
        return None

    def cost(self, prepared: Prepared, request: Request) -> int:
        """Return the points of cost of an operation that may be executed; refusing is free."""
        if prepared.refused:
            return 0
        over, cost = self._measured(prepared, request.variables or {})
        return 0 if over is not None else cost

    def _measured(
        self, prepared: Prepared, variables: Mapping[str, Any]
    ) -> tuple[GraphQLError | None, int]:
        assert prepared.document is not None
        assert prepared.operation is not None
        key = tuple(whole_number(variables.get(name)) for name in prepared.paging)
        if key not in prepared.measured:
            if len(prepared.measured) > 200:
                prepared.measured.clear()
            prepared.measured[key] = self._measure(prepared.document, prepared.operation, variables)
        return prepared.measured[key]

    def _may_introspect(self, context: Context) -> bool:
        return self.open_introspection or Scope.SETUP in context.principal.scopes

    async def run(self, prepared: Prepared, request: Request, context: Context) -> Answer:
        """Execute a query or mutation."""
        refused = self.refusal(prepared, request, context)
        if refused:
            return Answer(errors=refused)
        try:
            with context.services.operations.hold(context.principal.id):
                async with asyncio.timeout(DEADLINE):
                    return await self._execute(prepared, request, context)
        except TooBusy as error:
            return Answer(errors=[errors.wait_for(error)])
        except TimeoutError:
            text = f"The operation took longer than {DEADLINE:g} seconds."
            return Answer(errors=[errors.plain(text, errors.TooSlow.code)], executed=True)

    async def _execute(self, prepared: Prepared, request: Request, context: Context) -> Answer:
        variables = dict(request.variables or {})
        if prepared.express is not None:
            data = await prepared.express.run(context, variables)
            if data is not None:
                return Answer(data=data, executed=True)
        assert prepared.document is not None
        made = execute(
            self.core,
            prepared.document,
            context_value=context,
            variable_values=variables,
            operation_name=request.operation_name,
            executor_class=StrawberryGraphQLCoreExecutionContext,
            hide_suggestions=not self.open_introspection,
        )
        return _answer(made if isinstance(made, ExecutionResult) else await made)

    async def stream(
        self, prepared: Prepared, request: Request, context: Context
    ) -> AsyncGenerator[Answer, None]:
        """Execute any operation: a subscription answers many times, the others once."""
        if prepared.kind is not OperationType.SUBSCRIPTION:
            yield await self.run(prepared, request, context)
            return
        refused = self.refusal(prepared, request, context)
        if refused:
            yield Answer(errors=refused)
            return
        try:
            with context.services.subscriptions.hold(context.principal.id):
                async with aclosing(self._follow(prepared, request, context)) as answers:
                    async for answer in answers:
                        yield answer
        except TooBusy as error:
            yield Answer(errors=[errors.wait_for(error)])

    async def _follow(
        self, prepared: Prepared, request: Request, context: Context
    ) -> AsyncGenerator[Answer, None]:
        assert prepared.document is not None
        executor = StrawberryGraphQLCoreExecutionContext.build(
            self.core,
            prepared.document,
            None,
            context,
            dict(request.variables or {}),
            request.operation_name,
        )
        if isinstance(executor, list):
            yield Answer(errors=errors.request_errors(executor, errors.INPUT))
            return
        made = create_source_event_stream(executor)
        source = await made if inspect.isawaitable(made) else made
        if isinstance(source, ExecutionResult):
            yield _answer(source, subscribing=True)
            return
        shape = _shape(prepared, request, context)
        try:
            async for value in source:
                yield await self._event(executor, value, shape, context)
        except Exception as error:  # What a source raises must not end as a closed socket.
            wrapped = GraphQLError("Internal error.", original_error=error)
            yield Answer(errors=errors.execution_errors([wrapped]), executed=True)
        finally:
            await source.aclose()  # type: ignore[attr-defined]  # our sources are generators

    async def _event(
        self, executor: Executor[Any], value: Any, shape: Any, context: Context
    ) -> Answer:
        """Answer one event; subscribers who asked the same share one execution."""
        memo = getattr(value, "memo", None)
        if memo is None:
            return await self._execute_event(executor, value, context)
        answer: Answer = await hub.once(
            memo, shape, partial(self._execute_event, executor, value, context)
        )
        return answer

    async def _execute_event(self, executor: Executor[Any], value: Any, context: Context) -> Answer:
        context.renew()
        made = execute_subscription_event(executor.build_per_event_executor(value))
        async with asyncio.timeout(DEADLINE):
            result = await made if inspect.isawaitable(made) else made
        return _answer(result)


def _shape(prepared: Prepared, request: Request, context: Context) -> Any:
    """Name everything that an answer depends on beside the event itself."""
    who = context.principal
    variables = {name: item for name, item in (request.variables or {}).items()}
    asked = (request.query, request.operation_name, dumps(variables))
    return ("answer", asked, who.integration_ids, who.scopes)


def _answer(result: ExecutionResult, *, subscribing: bool = False) -> Answer:
    if not result.errors:
        return Answer(data=result.data, executed=True)
    # Errors without a path were found before a resolver ran: coercion of variables.
    if result.data is None and all(error.path is None for error in result.errors):
        return Answer(errors=errors.request_errors(result.errors, errors.INPUT))
    shown = errors.execution_errors(result.errors)
    return Answer(errors=shown, data=result.data, executed=not subscribing)
