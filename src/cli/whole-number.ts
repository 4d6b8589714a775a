import { InvalidArgumentError } from "commander";

/** Reads a flag's number; what it may be is checked where it is used. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value)) throw new InvalidArgumentError("it must be a whole number");
  return value;
}

/** As `wholeNumber`, where no one else checks it. */
export function wholeFrom(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`it must be a whole number of at least ${least}`);
  };
}
