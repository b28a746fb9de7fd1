// Every component of ours in each of its states, for the screenshots and for whoever needs one. Dev builds only.
import { PageHeader } from '../../shell/header';
import { sections } from './sections';
import './states.css';

export default function States() {
  return (
    <>
      <PageHeader title="组件状态 Component states" />
      {sections.map(({ name, show: Show }) => (
        <section key={name} className="card states-section" id={name}>
          <h2>{name}</h2>
          <div className="states-row">
            <Show />
          </div>
        </section>
      ))}
    </>
  );
}
