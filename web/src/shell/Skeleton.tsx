// Grey bars where content is about to come, in the shape it will have.

import styles from "./Skeleton.module.css";

interface Props {
  width?: string;
  height?: number;
  round?: boolean;
}

export function Skeleton({ width = "100%", height = 14, round = false }: Props) {
  return <span aria-hidden="true" className={styles.bar} data-round={round} style={{ width, height }} />;
}
