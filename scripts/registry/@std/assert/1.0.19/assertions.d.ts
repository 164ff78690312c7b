/**
 * The assertions that the tests use, typed as std types them. npm's copy of std carries no types, hence this file.
 * It promises no more than it lists: an assertion that is missing here is added here first.
 *
 * @module
 */

// deno-lint-ignore no-explicit-any -- the constructor's arguments are nobody's business here, as in the original
type AnyConstructor = new (...args: any[]) => any;
// deno-lint-ignore no-explicit-any
type ErrorClass<E extends Error = Error> = abstract new (...args: any[]) => E;
type ArrayLikeArgument<T> = ArrayLike<T> & object;
// deno-lint-ignore no-explicit-any
type LooseObject = Record<PropertyKey, any>;

/** What every assertion throws when it does not hold. */
export declare class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions);
}

/** Holds if `expr` is truthy. */
export declare function assert(expr: unknown, msg?: string): asserts expr;

/** Holds if `expr` is falsy. */
export declare function assertFalse(expr: unknown, msg?: string): asserts expr is false;

/** Holds if both are equal, deeply. */
export declare function assertEquals<T>(actual: T, expected: T, msg?: string): void;

/** Holds if the two differ, deeply. */
export declare function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;

/** Holds if both are the same value or the same reference (`Object.is`). */
export declare function assertStrictEquals<T>(actual: unknown, expected: T, msg?: string): asserts actual is T;

/** Holds if the two are not the same value nor the same reference. */
export declare function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void;

/** Holds if the two numbers are nearer to each other than `tolerance`. */
export declare function assertAlmostEquals(actual: number, expected: number, tolerance?: number, msg?: string): void;

/** Holds if `actual` is neither null nor undefined. */
export declare function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;

/** Holds if `actual` is an instance of the class. */
export declare function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T>;

/** Holds if `actual` is greater than `expected`. */
export declare function assertGreater<T>(actual: T, expected: T, msg?: string): void;

/** Holds if `actual` is greater than `expected` or equal to it. */
export declare function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Holds if `actual` is less than `expected`. */
export declare function assertLess<T>(actual: T, expected: T, msg?: string): void;

/** Holds if `actual` is less than `expected` or equal to it. */
export declare function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Holds if the text matches the expression. */
export declare function assertMatch(actual: string, expected: RegExp, msg?: string): void;

/** Holds if the text does not match the expression. */
export declare function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;

/** Holds if the text contains `expected`. */
export declare function assertStringIncludes(actual: string, expected: string, msg?: string): void;

/** Holds if every element of `expected` is in `actual`. */
export declare function assertArrayIncludes<T>(
  actual: ArrayLikeArgument<T>,
  expected: ArrayLikeArgument<T>,
  msg?: string,
): void;

/** Holds if `expected` is a part of `actual`, deeply. */
export declare function assertObjectMatch(
  actual: LooseObject,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;

/** Holds if `error` is an error, of the class and with the message part given. */
export declare function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E;

/** Holds if the function throws; returns what it threw. */
export declare function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Holds if the function throws an error of the class, with the message part given; returns the error. */
export declare function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;

/** Holds if the promise is rejected; resolves to the reason. */
export declare function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
/** Holds if the promise is rejected with an error of the class, with the message part given; resolves to the error. */
export declare function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;

/** Whether the two are equal, deeply. */
export declare function equal(a: unknown, b: unknown): boolean;

/** Fails, always. */
export declare function fail(msg?: string): never;

/** Fails, always: for a line that cannot be reached. */
export declare function unreachable(msg?: string): never;
