import { describe, expect, it } from 'vitest';
import { AddressSchema, domainOf, normalAddress } from '../../src/connectors/address.ts';

describe('an address', () => {
  it.each([
    { text: 'dana@acme.example', normal: 'dana@acme.example' },
    { text: 'Dana@ACME.Example', normal: 'dana@acme.example' },
    { text: 'o.h+orders@sub.acme.example', normal: 'o.h+orders@sub.acme.example' },
    { text: 'dana@аcme.example', normal: 'dana@xn--cme-5cd.example' },
    { text: 'info@müller.example', normal: 'info@xn--mller-kva.example' },
  ])('`$text` is written `$normal`', ({ text, normal }) => {
    expect(normalAddress(text)).toBe(normal);
    expect(domainOf(text)).toBe(normal.split('@')[1]);
    expect(AddressSchema.safeParse(text).success).toBe(true);
  });

  it.each([
    '',
    'dana',
    '@acme.example',
    'dana@',
    'dana@localhost',
    'dana@acme.example, eve@attacker.example',
    'dana@acme.example;eve@attacker.example',
    'Dana <dana@acme.example>',
    '"dana@acme.example" <eve@attacker.example>',
    'dana@acme.example\r\nBcc: eve@attacker.example',
    'dana@acme.example\n',
    ' dana@acme.example',
    'dana(comment)@acme.example',
    '"dana eve"@acme.example',
    'eve@attacker.example@acme.example',
    'dаna@acme.example',
    'dana@acme.example\u0000',
    'dana@acme。example/x',
    'dana@[127.0.0.1]',
    'dana@127.0.0.1',
    'dana@acme..example',
    'dana@-acme.example',
    `${'d'.repeat(65)}@acme.example`,
    'da\u200bna@acme.example',
    'dana@acme\u200b.example',
  ])('`%s` is none', (text) => {
    expect(normalAddress(text)).toBeUndefined();
    expect(AddressSchema.safeParse(text).success).toBe(false);
  });
});
