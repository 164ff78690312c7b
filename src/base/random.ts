/** The one place where chance comes in, so that tests can hold it still. */

export interface Random {
  /** A number from 0 up to, but not including, 1. */
  fraction(): number;
  /** So many random bytes in lower-case hexadecimal. */
  hex(bytes: number): string;
}

/** The system's source of chance. */
export const systemRandom: Random = {
  fraction: Math.random,
  hex: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)).toHex(),
};
