/* oxlint-disable typescript/no-useless-default-assignment -- makes `length` count required parameters, as WebIDL does */
import { requireArguments, toDictionary } from '../webidl/convert.ts';
import { receiveWithTransfer, serializeWithTransfer, toObjects } from './transfer.ts';

/** https://html.spec.whatwg.org/#dom-structuredclone */
export function structuredClone(value: unknown, options: unknown = undefined): unknown {
  requireArguments(arguments.length, 1, 'structuredClone');
  const { transfer } = toDictionary<'transfer'>(options, 'structuredClone');
  return receiveWithTransfer(serializeWithTransfer(value, toObjects(transfer))).data;
}
