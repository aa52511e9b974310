/**
 * Household and card numbers (settled.md, "Identifiers and formats"): nine digits and a Luhn digit over them;
 * a card is 62, the household number and a two-digit issue.
 */

const CARD = /^62([1-9]\d{9})(?!00)\d{2}$/;

/** This will say whether the last digit is the Luhn digit of the others (ISO/IEC 7812-1). */
export function luhnHolds(digits: string): boolean {
  if (!/^\d{2,}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    let digit = Number(digits[digits.length - 1 - i]);
    if (i % 2 === 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** This will give the household number inside a card number, or null when the number cannot be right. */
export function householdOfCard(card_number: string): string | null {
  const household = CARD.exec(card_number)?.[1];
  return household !== undefined && luhnHolds(household) ? household : null;
}

/** This will print a card number in groups that a person can read aloud: 62 0000 0000 00 01. */
export function readable(card_number: string): string {
  return card_number.replace(/^(\d{2})(\d{4})(\d{4})(\d{2})(\d{2})$/, "$1 $2 $3 $4 $5");
}
