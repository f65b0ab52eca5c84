/** More than this is no number, or one that nobody expects. */
const SHORT_MAX = 16;

interface Props {
  text: string | null | undefined;
  className?: string | undefined;
}

/** A cell for a number, aligned at its end; on one line as long as it is short. */
export function NumberCell({ text, className }: Props) {
  return (
    <td className={className} data-numeric={(text ?? "").length > SHORT_MAX ? "long" : ""}>
      {text}
    </td>
  );
}
