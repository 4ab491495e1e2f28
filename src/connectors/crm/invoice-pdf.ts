import type { Invoice } from './crm.ts';
import { moneyInWords } from './ids.ts';

/** Prints an invoice as a PDF of one page of plain lines; the same invoice gives the same bytes. */
export function invoicePdf({ id, order, customer, totalMinor, currency, issuedOn }: Invoice): Buffer {
  return pdfOf([
    `Invoice ${id}`,
    `Order ${order}`,
    `Customer ${customer}`,
    `Issued on ${issuedOn}`,
    `Total ${moneyInWords(totalMinor, currency)}`,
  ]);
}

/** A PDF of one A4 page. @see ISO 32000-1, 7.5 for the file structure */
function pdfOf(lines: readonly string[]): Buffer {
  const shown = lines.map((line) => `(${line.replace(/[\\()]/g, '\\$&')}) Tj T*`).join(' ');
  const content = `BT /F1 14 Tf 20 TL 72 770 Td ${shown} ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  return Buffer.from(fileOf(objects), 'latin1');
}

function fileOf(objects: readonly string[]): string {
  let text = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  return `${text}xref\n0 ${size}\n0000000000 65535 f \n${table}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF\n`;
}
