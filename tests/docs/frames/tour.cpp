// The code of src/tour.txt, section "A TOUR".
// Prints: ^Sunlight carries every color.*\.$
//// the code
