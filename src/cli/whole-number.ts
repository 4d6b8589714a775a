import { InvalidArgumentError } from "commander";

/** Reads a flag's number. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value)) throw new InvalidArgumentError("it must be a whole number");
  return value;
}
